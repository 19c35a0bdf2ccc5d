/** One half of the exchange: its body, and beside or below it its headers. */
import type { Interim, Request, Response, Side } from "../../protocol/exchange.ts";
import { durationText, sizeText } from "../../protocol/format.ts";
import { headCutText } from "../../protocol/reasons.ts";
import { graphqlOfTarget } from "../../content/graphql.ts";
import { BodyView } from "./body-view.ts";
import { BytesView } from "./bytes-view.ts";
import { CookiesView } from "./cookies-view.ts";
import { h } from "../dom.ts";
import { graphqlItem } from "../content/graphql-items.ts";
import { HeadersView } from "./headers-view.ts";
import { headersTable } from "../headers.ts";
import type { Openings } from "./openings.ts";
import type { BodyState } from "./page-state.ts";
import { Section } from "./section.ts";

export class SideView {
  readonly element: HTMLElement;
  /** Its size, in few words. */
  readonly fact = h("span", { class: "count" });
  /** What in it is about the body; the rest is of heads. */
  readonly body = h("div", {});
  /** What stands beside or below the body. */
  readonly aside: HTMLElement;
  readonly #key: string;
  readonly #side: Side;
  readonly #state: BodyState | undefined;
  readonly #changed: (state: BodyState) => void;
  readonly #openings: Openings;
  readonly #headers: HeadersView;
  readonly #cookies: CookiesView;
  /** Responses before the final one. */
  readonly #interim: Section;
  readonly #early = h("div", {});
  readonly #trailers: HeadersView;
  readonly #origins: BytesView;
  /** What the request's target asks for, where that is more than a resource. */
  readonly #query = h("div", {});
  #visible = false;
  #shownHeaders = "";
  #body: BodyView | undefined;

  /** `state`: how the body was left; `changed` hears what it has become. */
  constructor(
    key: string,
    side: Side,
    openings: Openings,
    state: BodyState | undefined,
    changed: (state: BodyState) => void,
  ) {
    this.#key = key;
    this.#side = side;
    this.#openings = openings;
    this.#state = state;
    this.#changed = changed;
    this.#headers = new HeadersView("headers", "Headers", openings);
    this.#cookies = new CookiesView(side, openings);
    this.#interim = new Section("interim", "Before it", openings, this.#early);
    this.#interim.element.hidden = true;
    this.#trailers = new HeadersView("trailers", "Trailers", openings);
    this.#origins = new BytesView(openings);
    this.aside = h(
      "aside",
      { "aria-label": "Facts" },
      ...[this.#headers, this.#cookies, this.#trailers].map(({ section }) => section.element),
      this.#interim.element,
      this.#origins.section.element,
    );
    this.#trailers.section.element.hidden = true;
    const main = h("div", { class: "main" }, this.body, this.#query);
    this.element = h("section", { class: "split", "aria-label": titles[side] }, main, this.aside);
    this.update(undefined);
  }

  /** The body's view, once there is one. */
  get view(): BodyView | undefined {
    return this.#body;
  }

  /** Resolves when it shows what is known. */
  async show(visible: boolean): Promise<void> {
    this.#visible = visible;
    await this.#body?.show(visible);
  }

  /** `interim`: what came before the message, which may not have come yet. */
  update(message: Request | Response | undefined, interim: readonly Interim[] = []): void {
    this.#showInterim(interim);
    if (!message) {
      this.fact.textContent = "";
      this.body.replaceChildren(h("p", { class: "note" }, `No ${this.#side} was seen.`));
      this.#headers.section.element.hidden = true;
      return;
    }
    const { headers, body, trailers = [], headCut } = message;
    this.fact.textContent = body.size === 0 ? "no body" : sizeText(body.size);
    const shown = JSON.stringify([headers, trailers, headCut]);
    if (shown !== this.#shownHeaders) {
      this.#headers.section.element.hidden = false;
      this.#headers.update(headers, headCut && headCutText(this.#side, headCut));
      this.#cookies.update(headers);
      this.#trailers.section.element.hidden = trailers.length === 0;
      this.#trailers.update(trailers);
      if ("target" in message) this.#showQuery(message.target);
    }
    this.#shownHeaders = shown;
    if (body.size === 0 && !this.#headers.section.isNeeded) {
      this.#headers.section.isNeeded = true;
      this.#openings.apply();
    }
    if (this.#body) this.#body.update(body, headers);
    else {
      this.#body = new BodyView(
        { key: this.#key, side: this.#side, origins: this.#origins },
        ...([body, headers, this.#state, this.#changed] as const),
      );
      this.body.replaceChildren(this.#body.element);
      void this.#body.show(this.#visible);
    }
  }

  #showInterim(interim: readonly Interim[]): void {
    if (interim.length <= this.#early.childElementCount) return;
    this.#interim.element.hidden = false;
    this.#interim.say(interim.map(interimText).join(", "), String(interim.length));
    this.#early.replaceChildren(...interim.map(interimElement));
  }

  #showQuery(target: string): void {
    const request = graphqlOfTarget(target);
    if (request === undefined) return;
    const list = h("ol", { class: "items" }, graphqlItem(request).element());
    this.#query.replaceChildren(h("h2", {}, "GraphQL"), list);
  }
}

const titles: Record<Side, string> = { request: "Request", response: "Response" };

function interimText({ status, statusText, time }: Interim): string {
  return `${`${status} ${statusText}`.trim()} after ${durationText(time)}`;
}

function interimElement(interim: Interim): HTMLElement {
  return h("details", {}, h("summary", {}, interimText(interim)), headersTable(interim.headers));
}
