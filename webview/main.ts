/** The detail panel's page: one exchange, live. */
import type { Exchange, Side } from "../protocol/exchange.ts";
import { h } from "./dom.ts";
import { listen, vscode } from "./extension-link.ts";
import { SideView } from "./side-view.ts";
import { summary } from "./summary.ts";
import { tabs } from "./tabs.ts";

/** What is on the page: views of one exchange, kept as long as it is the same one. */
class ExchangeView {
  readonly key: string;
  readonly #head = h("header", {});
  readonly #note = h("p", { class: "note", role: "status" });
  readonly #response: SideView;
  readonly #request: SideView;

  constructor(key: string, root: HTMLElement) {
    this.key = key;
    this.#response = new SideView(key, "response");
    this.#request = new SideView(key, "request");
    const parts = [
      { id: "response", title: "Response", panel: this.#response.element },
      { id: "request", title: "Request", panel: this.#request.element },
    ];
    const choice = tabs(parts, vscode.getState()?.side ?? "response", (id) =>
      vscode.setState({ side: id as Side }),
    );
    root.replaceChildren(this.#head, this.#note, choice);
  }

  update(exchange: Exchange): void {
    this.#head.replaceChildren(...summary(exchange));
    this.#note.textContent = "";
    this.#request.update(exchange.request);
    this.#response.update(exchange.response);
  }

  gone(message: string): void {
    this.#note.textContent = message;
  }

  dispose(): void {
    this.#request.dispose();
    this.#response.dispose();
  }
}

const root = h("main", {});
document.body.append(root);
let view: ExchangeView | undefined;

listen((message) => {
  if (view?.key !== message.key) {
    view?.dispose();
    view = new ExchangeView(message.key, root);
  }
  if (message.type === "show") view.update(message.exchange);
  else view.gone(message.message);
});
vscode.postMessage({ type: "ready" });
