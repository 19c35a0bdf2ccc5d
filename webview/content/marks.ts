/** Marks what was gone to, in colour alone: the page's own selection, and its nodes, stay what they are. */

const name = "gone-to";

/** Marks a stretch of text and scrolls to it. */
export function goTo(range: Range): void {
  CSS.highlights.set(name, new Highlight(range));
  scrollTo(range);
}

export function scrollTo(range: Range): void {
  // What stands in a part that scrolls by itself.
  range.startContainer.parentElement?.scrollIntoView({ block: "nearest", inline: "nearest" });
  // In a long text its element begins far above.
  const { top, bottom } = range.getBoundingClientRect();
  if (top < 60 || bottom > window.innerHeight * 0.7) window.scrollBy(0, top - window.innerHeight / 3);
}

export function unmark(): void {
  CSS.highlights.delete(name);
}

/** All that an element says. */
export function rangeOf(element: Node): Range {
  const range = document.createRange();
  range.selectNodeContents(element);
  return range;
}
