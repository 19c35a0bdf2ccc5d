/** What is on the page: views of one exchange, kept as long as it is the same one. */
import { isGrpc } from "../../content/grpc/dialect.ts";
import { isWebSocket } from "../../content/websocket.ts";
import type { Exchange, Side } from "../../protocol/exchange.ts";
import type { Origin, Place, Shown } from "../../protocol/webview.ts";
import type { BodyView } from "./body-view.ts";
import { h } from "../dom.ts";
import { vscode } from "./extension-link.ts";
import { MessagesView } from "./messages-view.ts";
import { Openings } from "./openings.ts";
import type { PageState, Part } from "./page-state.ts";
import { Provenance } from "./provenance.ts";
import { QueryView } from "./query-view.ts";
import { selectText } from "./select-text.ts";
import { SideView } from "./side-view.ts";
import { Summary } from "./summary.ts";
import { tabs } from "./tabs.ts";
import { TimingView } from "./timing-view.ts";

/** Milliseconds between two looks at how long an exchange has been in flight. */
const tick = 1000;

export class ExchangeView {
  readonly state: PageState;
  readonly #root: HTMLElement;
  #isNew: boolean;
  readonly #summary = new Summary();
  readonly #note = h("p", { class: "note", role: "status" });
  readonly #openings: Openings;
  readonly #sides: Record<Side, SideView>;
  readonly #query: QueryView;
  readonly #timing: TimingView;
  readonly #provenance: Provenance;
  /** What is said of the exchange, whichever part of it is looked at: it goes along. */
  readonly #facts: HTMLElement;
  /** Of a WebSocket, or a call by gRPC. */
  #messages: MessagesView | undefined;
  #shown: { exchange: Exchange; aheadOfUs: number } | undefined;
  /** As long as there is no response, its request is looked at in its place. */
  #isAwaiting = false;
  readonly #ticker = setInterval(() => this.#showTime(), tick);

  /** `isNew`: the state is not how this exchange was left. */
  constructor(state: PageState, isNew: boolean, root: HTMLElement) {
    this.state = state;
    this.#isNew = isNew;
    this.#root = root;
    this.#openings = new Openings(state.sections, () => this.#save());
    this.#sides = { response: this.#side("response"), request: this.#side("request") };
    this.#query = new QueryView(this.#openings);
    this.#timing = new TimingView(this.#openings);
    this.#provenance = new Provenance(this.#openings, (id) =>
      vscode.postMessage({ type: "otherEnd", key: state.key, id }),
    );
    const sections = [this.#query, this.#timing, this.#provenance].map(({ section }) => section.element);
    this.#facts = h("div", {}, ...sections);
    root.replaceChildren(this.#note);
  }

  async update({ exchange, now, place, ...about }: Shown): Promise<void> {
    const isFirst = this.#shown === undefined;
    const goal = place?.number === this.state.place ? undefined : place;
    const hadMessages = this.#messages !== undefined;
    if (isWebSocket(exchange) || isGrpc(exchange)) this.#messages ??= new MessagesView(this.state.key);
    this.#shown = { exchange, aheadOfUs: now - Date.now() };
    this.#note.textContent = "";
    this.#showTime();
    this.#query.update(exchange.request?.target ?? "");
    this.#provenance.update(exchange, about);
    this.#sides.request.update(exchange.request);
    this.#sides.response.update(exchange.response, exchange.interim);
    this.#messages?.update();
    const hasCome = this.#isAwaiting && exchange.response !== undefined && !isSelecting();
    if (goal || isFirst || hasCome || hadMessages !== (this.#messages !== undefined)) await this.#begin(goal);
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

  /** The body that is looked at. */
  get body(): BodyView | undefined {
    const { side } = this.state;
    return side === "messages" ? undefined : this.#sides[side].view;
  }

  dispose(): void {
    clearInterval(this.#ticker);
    this.#openings.dispose();
    for (const part of [...Object.values(this.#sides), this.#messages]) void part?.show(false);
  }

  #side(side: Side): SideView {
    return new SideView(this.state.key, side, this.#openings, this.state.bodies[side], (body) => {
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
    const { request, response } = this.#sides;
    const { exchange } = this.#shown!;
    this.#isAwaiting =
      this.state.side === "response" &&
      !place &&
      exchange.request !== undefined &&
      exchange.response === undefined;
    const first = this.#isAwaiting ? "request" : this.state.side;
    let isChosen = false;
    const parts = [
      ...(messages ? [{ id: "messages", title: "Messages", panel: messages.element, fact: "" }] : []),
      { id: "response", title: "Response", panel: response.element, fact: response.fact },
      { id: "request", title: "Request", panel: request.element, fact: request.fact },
    ];
    let settled = Promise.resolve();
    const choice = tabs(parts, first, (id) => {
      if (isChosen) this.#isAwaiting = false;
      if (!this.#isAwaiting) this.state.side = id as Part;
      this.#save();
      if (id !== "messages") vscode.postMessage({ type: "side", key: this.state.key, side: id as Side });
      const part = id === "messages" ? messages : this.#sides[id as Side];
      part?.aside.append(this.#facts);
      // What is hidden fetches nothing.
      settled = Promise.all([
        messages?.show(id === "messages"),
        request.show(id === "request"),
        response.show(id === "response"),
      ]).then(() => {});
    });
    isChosen = true;
    this.#root.replaceChildren(this.#summary.element, this.#note, choice);
    await settled;
    window.scrollTo(0, scroll);
    // What isn't drawn of a body can be found all the same.
    if (place && !selectText(this.#elementOf(place), place.text) && place.within === "body")
      this.body?.finder.find(place.text);
  }

  #elementOf({ part, within }: Place): HTMLElement {
    const side = part === "messages" ? this.#messages : this.#sides[part];
    if (side === undefined || within === "line") return this.#root;
    return within === "body" && "body" in side ? side.body : side.element;
  }

  #showTime(): void {
    if (this.#shown === undefined) return;
    const { exchange, aheadOfUs } = this.#shown;
    const now = Date.now() + aheadOfUs;
    this.#summary.update(exchange, now);
    this.#timing.update(exchange, now);
  }

  #save(): void {
    vscode.setState(this.state);
  }
}

/** What is selected on the page would be lost with the part in which it stands. */
function isSelecting(): boolean {
  return window.getSelection()?.isCollapsed === false;
}
