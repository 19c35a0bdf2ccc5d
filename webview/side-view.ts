/** One half of the exchange: its headers and its body. */
import type { Header, Interim, Request, Response, Side } from "../protocol/exchange.ts";
import { durationText } from "../protocol/format.ts";
import { graphqlOfTarget } from "../content/graphql.ts";
import { BodyView } from "./body-view.ts";
import { h } from "./dom.ts";
import { graphqlItem } from "./graphql-items.ts";
import { headersTable } from "./headers.ts";
import type { BodyState } from "./page-state.ts";

export class SideView {
  readonly element: HTMLElement;
  /** What in it is about the body; the rest is of heads. */
  readonly body = h("div", {});
  readonly #key: string;
  readonly #side: Side;
  readonly #state: BodyState | undefined;
  readonly #changed: (state: BodyState) => void;
  readonly #headers = h("div", {});
  /** Responses before the final one. */
  readonly #interim = h("div", {});
  readonly #trailers = h("div", {});
  /** What the request's target asks for, where that is more than a resource. */
  readonly #query = h("div", {});
  #visible = false;
  #shownHeaders = "";
  #body: BodyView | undefined;

  /** `state`: how the body was left; `changed` hears what it has become. */
  constructor(key: string, side: Side, state: BodyState | undefined, changed: (state: BodyState) => void) {
    this.#key = key;
    this.#side = side;
    this.#state = state;
    this.#changed = changed;
    const headers = h("details", { open: true }, h("summary", {}, h("h2", {}, "Headers")), this.#headers);
    const body = [h("h2", {}, "Body"), this.body, this.#trailers];
    this.element = h("section", {}, this.#interim, headers, this.#query, ...body);
    this.update(undefined);
  }

  /** Resolves when it shows what is known. */
  async show(visible: boolean): Promise<void> {
    this.#visible = visible;
    await this.#body?.show(visible);
  }

  /** `interim`: what came before the message, which may not have come yet. */
  update(message: Request | Response | undefined, interim: readonly Interim[] = []): void {
    if (interim.length > this.#interim.childElementCount)
      this.#interim.replaceChildren(...interim.map(interimElement));
    if (!message) {
      this.#headers.replaceChildren(h("p", { class: "note" }, `The ${this.#side} was not seen yet.`));
      return;
    }
    const { headers, body } = message;
    const shown = JSON.stringify([headers, message.trailers]);
    if (shown !== this.#shownHeaders) {
      this.#headers.replaceChildren(headersTable(headers));
      this.#showTrailers(message.trailers);
      if ("target" in message) this.#showQuery(message.target);
    }
    this.#shownHeaders = shown;
    if (this.#body) this.#body.update(body, headers);
    else {
      this.#body = new BodyView(this.#key, this.#side, body, headers, this.#state, this.#changed);
      this.body.replaceChildren(this.#body.element);
      void this.#body.show(this.#visible);
    }
  }

  #showTrailers(trailers: Header[] = []): void {
    const shown = trailers.length > 0 ? [h("h2", {}, "Trailers"), headersTable(trailers)] : [];
    this.#trailers.replaceChildren(...shown);
  }

  #showQuery(target: string): void {
    const request = graphqlOfTarget(target);
    if (request === undefined) return;
    const list = h("ol", { class: "items" }, graphqlItem(request).element());
    this.#query.replaceChildren(h("h2", {}, "GraphQL"), list);
  }
}

function interimElement({ status, statusText, headers, time }: Interim): HTMLElement {
  const title = `${`${status} ${statusText}`.trim()} after ${durationText(time)}`;
  return h("details", {}, h("summary", {}, h("h2", {}, title)), headersTable(headers));
}
