/** The detail panel's page: one exchange, live. */
import { h } from "../dom.ts";
import { ExchangeView } from "./exchange-view.ts";
import { listen, vscode } from "./extension-link.ts";
import { takeKey } from "./keys.ts";
import { initialState } from "./page-state.ts";

/** Milliseconds after which a scroll counts as done. */
const scrollRest = 100;

const root = h("main", {});
document.body.append(root);
let view: ExchangeView | undefined;

function viewOf(key: string): ExchangeView {
  if (view?.state.key === key) return view;
  view?.dispose();
  const left = vscode.getState();
  const isNew = left?.key !== key;
  view = new ExchangeView(isNew ? initialState(key, left) : left, isNew, root);
  return view;
}

listen((message) => {
  const shown = viewOf(message.key);
  if (message.type === "gone") return shown.gone(message.message);
  shown.comesFrom(message.origin);
  void shown.update(message);
});
let scrolled: number | undefined;
document.addEventListener("scroll", () => {
  window.clearTimeout(scrolled);
  scrolled = window.setTimeout(() => view?.leftAt(window.scrollY), scrollRest);
});
document.addEventListener("keydown", (event) => {
  if (view?.body && takeKey(event, view.body)) event.preventDefault();
});
vscode.postMessage({ type: "ready" });
