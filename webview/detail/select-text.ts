import { scrollTo } from "../content/marks.ts";

/** Selects `text` where it stands first in `element`, and scrolls to it. Gives whether it is drawn there. */
export function selectText(element: HTMLElement, text: string): boolean {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes: { node: Node; start: number }[] = [];
  let all = "";
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    nodes.push({ node, start: all.length });
    all += node.nodeValue ?? "";
  }
  const start = all.indexOf(text);
  if (start < 0 || text === "") return false;
  const range = document.createRange();
  // Of an end that lies between two nodes the first is meant.
  const first = nodes.findLast((each) => each.start <= start)!;
  const last = nodes.findLast((each) => each.start < start + text.length)!;
  range.setStart(first.node, start - first.start);
  range.setEnd(last.node, start + text.length - last.start);
  const parent = first.node.parentElement;
  for (let at = parent; at !== null && at !== element; at = at.parentElement)
    if (at instanceof HTMLDetailsElement) at.open = true;
  const selection = window.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
  scrollTo(range);
  return true;
}
