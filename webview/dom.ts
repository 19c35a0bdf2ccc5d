/** Builds elements. Strings become text nodes, never markup: what was captured can't become part of the page. */
type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

/** `on…` attributes are listeners, e.g. `onclick`; `true` sets an attribute without value, `false` leaves it out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}
