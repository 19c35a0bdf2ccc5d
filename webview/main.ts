/** The detail panel's page: one exchange, live. */
import { isGrpc } from "../content/grpc/dialect.ts";
import { isWebSocket } from "../content/websocket.ts";
import type { Exchange, Side } from "../protocol/exchange.ts";
import type { Origin, Place } from "../protocol/webview.ts";
import { h } from "./dom.ts";
import { listen, vscode } from "./extension-link.ts";
import { MessagesView } from "./messages-view.ts";
import { initialState, type PageState, type Part } from "./page-state.ts";
import { selectText } from "./select-text.ts";
import { SideView } from "./side-view.ts";
import { Summary } from "./summary.ts";
import { tabs } from "./tabs.ts";

/** Milliseconds between two looks at how long an exchange has been in flight. */
const tick = 1000;
/** Milliseconds after which a scroll counts as done. */
const scrollRest = 100;

/** What is on the page: views of one exchange, kept as long as it is the same one. */
class ExchangeView {
  readonly state: PageState;
  readonly #root: HTMLElement;
  #isNew: boolean;
  readonly #summary: Summary;
  readonly #note = h("p", { class: "note", role: "status" });
  readonly #sides: Record<Side, SideView>;
  /** Of a WebSocket, or a call by gRPC. */
  #messages: MessagesView | undefined;
  #shown: { exchange: Exchange; redacted: boolean; aheadOfUs: number } | undefined;
  readonly #ticker = setInterval(() => this.#showSummary(), tick);

  /** `isNew`: the state is not how this exchange was left. */
  constructor(state: PageState, isNew: boolean, root: HTMLElement) {
    this.state = state;
    this.#isNew = isNew;
    this.#root = root;
    this.#summary = new Summary((id) => vscode.postMessage({ type: "otherEnd", key: state.key, id }));
    this.#sides = { response: this.#side("response"), request: this.#side("request") };
    root.replaceChildren(this.#note);
  }

  /** `now`: Unix time where the exchange was seen, whose clock need not be ours. `redacted`, `place`: see ToPage. */
  async update(exchange: Exchange, now: number, redacted: boolean, place?: Place): Promise<void> {
    const isFirst = this.#shown === undefined;
    const goal = place?.number === this.state.place ? undefined : place;
    const hadMessages = this.#messages !== undefined;
    if (isWebSocket(exchange) || isGrpc(exchange)) this.#messages ??= new MessagesView(this.state.key);
    this.#shown = { exchange, redacted, aheadOfUs: now - Date.now() };
    this.#note.textContent = "";
    this.#showSummary();
    this.#sides.request.update(exchange.request);
    this.#sides.response.update(exchange.response, exchange.interim);
    this.#messages?.update();
    if (goal || isFirst || hadMessages !== (this.#messages !== undefined)) await this.#begin(goal);
  }

  /** Keeps where another window finds the exchange again; of one that it can't find, too, or it would find the last. */
  comesFrom(origin: Origin | undefined): void {
    if (vscode.getState()?.key === this.state.key) return;
    if (origin) this.state.origin = origin;
    this.#save();
  }

  gone(message: string): void {
    this.#note.textContent = message;
  }

  leftAt(scroll: number): void {
    if (this.#shown === undefined) return;
    this.state.scroll = scroll;
    this.#save();
  }

  dispose(): void {
    clearInterval(this.#ticker);
    for (const part of [...Object.values(this.#sides), this.#messages]) void part?.show(false);
  }

  #side(side: Side): SideView {
    return new SideView(this.state.key, side, this.state.bodies[side], (body) => {
      this.state.bodies[side] = body;
      this.#save();
    });
  }

  /** Shows the parts, and goes to a place, or to where they were left. */
  async #begin(place: Place | undefined): Promise<void> {
    const { scroll } = this.state;
    const messages = this.#messages;
    if (place) Object.assign(this.state, { side: place.part, place: place.number });
    if (messages === undefined && this.state.side === "messages") this.state.side = "response";
    // They are what such an exchange is about; but who has chosen has chosen.
    else if (messages !== undefined && this.#isNew && !place) this.state.side = "messages";
    this.#isNew = false;
    const parts = [
      ...(messages ? [{ id: "messages", title: "Messages", panel: messages.element }] : []),
      { id: "response", title: "Response", panel: this.#sides.response.element },
      { id: "request", title: "Request", panel: this.#sides.request.element },
    ];
    let settled = Promise.resolve();
    const choice = tabs(parts, this.state.side, (id) => {
      this.state.side = id as Part;
      this.#save();
      // What is hidden fetches nothing.
      const { request, response } = this.#sides;
      settled = Promise.all([
        messages?.show(id === "messages"),
        request.show(id === "request"),
        response.show(id === "response"),
      ]).then(() => {});
    });
    this.#root.replaceChildren(this.#summary.element, this.#note, choice);
    await settled;
    window.scrollTo(0, scroll);
    if (place) selectText(this.#elementOf(place), place.text);
  }

  #elementOf({ part, within }: Place): HTMLElement {
    const side = part === "messages" ? this.#messages : this.#sides[part];
    if (side === undefined || within === "line") return this.#root;
    return within === "body" && "body" in side ? side.body : side.element;
  }

  #showSummary(): void {
    if (this.#shown === undefined) return;
    const { exchange, redacted, aheadOfUs } = this.#shown;
    this.#summary.update(exchange, Date.now() + aheadOfUs, redacted);
  }

  #save(): void {
    vscode.setState(this.state);
  }
}

const root = h("main", {});
document.body.append(root);
let view: ExchangeView | undefined;

function viewOf(key: string): ExchangeView {
  if (view?.state.key === key) return view;
  view?.dispose();
  const left = vscode.getState();
  const isNew = left?.key !== key;
  view = new ExchangeView(isNew ? initialState(key, left?.side) : left, isNew, root);
  return view;
}

listen((message) => {
  const shown = viewOf(message.key);
  if (message.type === "gone") return shown.gone(message.message);
  shown.comesFrom(message.origin);
  void shown.update(message.exchange, message.now, message.redacted ?? false, message.place);
});
let scrolled: number | undefined;
document.addEventListener("scroll", () => {
  window.clearTimeout(scrolled);
  scrolled = window.setTimeout(() => view?.leftAt(window.scrollY), scrollRest);
});
vscode.postMessage({ type: "ready" });
