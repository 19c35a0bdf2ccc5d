/** The head of the page: what was asked, what was answered, by whom, how long it took. */
import { codeName, statusOf } from "../content/grpc/status.ts";
import type { Exchange, Response } from "../protocol/exchange.ts";
import { durationText } from "../protocol/format.ts";
import { looked, lookOf, stateText } from "../protocol/states.ts";
import { h } from "./dom.ts";

export class Summary {
  readonly element = h("header", {});
  readonly #duration = h("dd", {});
  readonly #showOther: (id: number) => void;
  #shown = "";

  /** `showOther`: what shows another exchange. */
  constructor(showOther: (id: number) => void) {
    this.#showOther = showOther;
  }

  /** `now`: Unix time in milliseconds where the exchange was seen. `redacted`: see ToPage. */
  update(exchange: Exchange, now: number, redacted: boolean): void {
    this.#duration.textContent = durationOf(exchange, now);
    const { request, response, ...facts } = exchange;
    const call = response && callStatus(response);
    const shown = JSON.stringify([facts, request?.target, response?.status, call, looked(exchange)]);
    // A new head would take away what is selected in it.
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.element.replaceChildren(...this.#nodes(exchange, redacted));
  }

  #nodes(exchange: Exchange, redacted: boolean): Node[] {
    const { request, response, process, pid, role, local, remote, start, state } = exchange;
    const { stream, pushed, error, stalled, otherEnd } = exchange;
    const asked = request
      ? [
          h("strong", {}, request.method),
          ` ${request.target} `,
          h("span", { class: "version" }, request.version),
        ]
      : ["(the request was not seen)"];
    const answered = response
      ? [
          coloured(exchange, h("span", { class: "status" }, statusText(response))),
          h("span", { class: "version" }, response.version),
        ]
      : [h("span", { class: "status" }, state === "in-flight" ? "waiting for the response" : "no response")];
    const facts: [string, HTMLElement][] = [
      ["State", coloured(exchange, h("dd", {}, stateText[state]))],
      ["Duration", this.#duration],
      [
        "Started",
        h("dd", {}, new Date(start).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" })),
      ],
      ["Process", h("dd", {}, `${process}[${pid}] (${role})`)],
      ["Connection", h("dd", {}, `${local} ${role === "server" ? "←" : "→"} ${remote}`)],
    ];
    if (otherEnd !== undefined) {
      const open = { type: "button", onclick: () => this.#showOther(otherEnd) };
      const whose = role === "server" ? "client" : "server";
      facts.push(["Other end", h("dd", {}, h("button", open, `Show what the ${whose} saw`))]);
    }
    const call = response && callStatus(response);
    if (call !== undefined) facts.push(["gRPC", h("dd", { class: call.isGood ? "" : "fault" }, call.text)]);
    if (stream !== undefined)
      facts.push(["Stream", h("dd", {}, pushed ? `${stream}, pushed by the server` : `${stream}`)]);
    if (error !== undefined) facts.push(["Error", h("dd", { class: "fault" }, error)]);
    if (stalled !== undefined) facts.push(["Flow control", h("dd", {}, stallText(stalled))]);
    if (redacted) facts.push(["Credentials", h("dd", {}, "left out when the recording was saved")]);
    return [
      h("h1", {}, ...asked),
      h("p", { class: "status-line" }, ...answered),
      h("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [h("dt", {}, name), value])),
    ];
  }
}

function durationOf({ state, start, duration }: Exchange, now: number): string {
  if (state === "in-flight") return `in flight for ${durationText(Math.max(0, now - start))}`;
  return duration === undefined ? "–" : durationText(duration);
}

/** In the theme's colour of how the exchange stands. */
function coloured(exchange: Exchange, element: HTMLElement): HTMLElement {
  const { color } = lookOf(looked(exchange));
  const isQuiet = exchange.state === "complete" && (exchange.response?.status ?? 0) < 400;
  if (color !== undefined && !isQuiet) element.style.color = `var(--vscode-${color.replaceAll(".", "-")})`;
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

function statusText({ status, statusText }: Response): string {
  return `${status} ${statusText}`.trim();
}

/** Who waited for whom. */
function stallText({ request, response }: NonNullable<Exchange["stalled"]>): string {
  const parts = [
    request === undefined ? [] : [`the request waited ${durationText(request)} for the server to take more`],
    response === undefined
      ? []
      : [`the response waited ${durationText(response)} for the client to take more`],
  ];
  return parts.flat().join("; ");
}
