/** The head of the page: what was asked, and in one line what came of it, how long it took and how much it was. */
import { codeName, statusOf } from "../../content/grpc/status.ts";
import { mediaTypeOf } from "../../content/headers.ts";
import type { Exchange, Response } from "../../protocol/exchange.ts";
import { durationText, sizeText } from "../../protocol/format.ts";
import { headCutTexts } from "../../protocol/reasons.ts";
import { elapsedText } from "../../protocol/row-text.ts";
import { isError, looked, lookOf, stateText } from "../../protocol/states.ts";
import { h, icon } from "../dom.ts";
import { typeText } from "../type-text.ts";

export class Summary {
  readonly element = h("header", {});
  readonly #duration = h("span", { class: "duration" });
  #shown = "";

  /** `now`: Unix time in milliseconds where the exchange was seen. */
  update(exchange: Exchange, now: number): void {
    this.#duration.textContent = durationOf(exchange, now);
    const { request, response, state, start, error } = exchange;
    const { size } = response?.body ?? {};
    const facts = [request?.method, request?.target, response?.status, response && callStatus(response)];
    const shown = JSON.stringify([facts, state, start, error, size, looked(exchange)]);
    // A new head would take away what is selected in it.
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.element.replaceChildren(line(exchange), this.#outcome(exchange));
  }

  #outcome(exchange: Exchange): HTMLElement {
    const { state, start, response, error } = exchange;
    // What a call by gRPC came to stands in full, and why a head isn't whole.
    const { word, color } = lookOf({ ...looked(exchange), grpcStatus: 0, headCut: undefined });
    const call = response && callStatus(response);
    const isEven = state === "complete" || state === "in-flight";
    const time = new Date(start).toLocaleTimeString();
    const parts = [
      response?.statusText ? isolated(response.statusText) : "",
      call === undefined
        ? ""
        : h("span", call.isGood ? {} : { class: "fault" }, "gRPC ", isolated(call.text)),
      state === "in-flight" && response === undefined ? "waiting for the response" : "",
      isEven ? "" : coloured(color, h("span", {}, stateText[state])),
      error === undefined ? "" : h("span", { class: "fault" }, isolated(error)),
      ...headCutTexts(exchange).map((text) => h("span", { class: "fault" }, text)),
      state === "complete" && word !== "" ? h("span", { class: "fault" }, word) : "",
      exchange.state === "in-flight" || exchange.duration !== undefined ? this.#duration : "",
      response === undefined ? "" : bodyText(response),
      h("span", { class: "quiet" }, time),
    ];
    const said = parts.filter((part) => part !== "");
    return h("p", { class: "outcome" }, ...said.flatMap((part, i) => (i === 0 ? [part] : [" · ", part])));
  }
}

/** The status, then the request's line. */
function line(exchange: Exchange): HTMLElement {
  const { request, response, state, role } = exchange;
  const looks = looked(exchange);
  const { icon: name, color } = lookOf(looks);
  const status = response?.status ?? (state === "in-flight" ? "…" : "–");
  // What is well has no colour, and no icon.
  const isQuiet = state === "complete" && !isError(looks) && !looks.missing && !looks.headCut;
  const mark = isQuiet && role === "server" ? [] : [icon(name), " "];
  return h(
    "h1",
    {},
    coloured(isQuiet ? undefined : color, h("span", { class: "status" }, ...mark, String(status))),
    ...(request ? [" ", isolated(`${request.method} ${request.target}`)] : [" (the request was not seen)"]),
  );
}

function durationOf({ state, start, duration }: Exchange, now: number): string {
  if (state === "in-flight") return `in flight for ${elapsedText(start, now)}`;
  return duration === undefined ? "" : durationText(duration);
}

/** e.g. `18 kB json`. */
function bodyText({ body, headers }: Response): string {
  return `${sizeText(body.size)} ${body.size > 0 ? typeText(mediaTypeOf(headers).name) : ""}`.trim();
}

/** Captured text, whose direction of writing ends with it. */
function isolated(text: string): HTMLElement {
  return h("bdi", {}, text);
}

/** In a colour of the theme. */
function coloured(color: string | undefined, element: HTMLElement): HTMLElement {
  if (color !== undefined) element.style.color = `var(--vscode-${color.replaceAll(".", "-")})`;
  return element;
}

/** A call by gRPC fails with a response that is 200. */
function callStatus(response: Response): { text: string; isGood: boolean } | undefined {
  const status = statusOf(response);
  if (status === undefined) return undefined;
  const name = codeName(status.code);
  const text = status.message === "" || status.message === name ? name : `${name}: ${status.message}`;
  return { text, isGood: status.code === 0 };
}
