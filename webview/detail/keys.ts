/** The keys of the page. */
import type { BodyView } from "./body-view.ts";

/** Gives whether the key was ours. */
export function takeKey(event: KeyboardEvent, body: BodyView): boolean {
  const { key, shiftKey, altKey } = event;
  const { finder } = body;
  const direction = shiftKey ? -1 : 1;
  if (altKey) return false;
  if (event.ctrlKey || event.metaKey) {
    if (key.toLowerCase() !== "f" || shiftKey) return false;
    finder.open();
  } else if (key === "F8") body.stepGap(direction);
  else if (key === "F3" && finder.isOpen) void finder.step(direction);
  else if (key === "Escape" && finder.isOpen) finder.close();
  else return false;
  return true;
}
