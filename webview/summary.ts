/** The head of the page: what was asked, what was answered, by whom, how long it took. */
import { stateText } from "../protocol/reasons.ts";
import type { Exchange } from "../protocol/exchange.ts";
import { durationText } from "../protocol/format.ts";
import { h } from "./dom.ts";

export function summary(exchange: Exchange): Node[] {
  const { request, response, process, pid, role, local, remote, start, duration, state } = exchange;
  const asked = request
    ? [
        h("strong", {}, request.method),
        ` ${request.target} `,
        h("span", { class: "version" }, request.version),
      ]
    : ["(the request was not seen)"];
  const answered = response
    ? [
        h("span", { class: `status status-${Math.floor(response.status / 100)}` }, statusText(response)),
        h("span", { class: "version" }, response.version),
      ]
    : [h("span", { class: "status" }, state === "in-flight" ? "waiting for the response" : "no response")];
  const facts: [string, string][] = [
    ["State", stateText[state]],
    ["Duration", duration === undefined ? "–" : durationText(duration)],
    ["Started", new Date(start).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" })],
    ["Process", `${process}[${pid}] (${role})`],
    ["Connection", `${local} ${role === "server" ? "←" : "→"} ${remote}`],
  ];
  return [
    h("h1", {}, ...asked),
    h("p", { class: "status-line" }, ...answered),
    h("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
  ];
}

function statusText({ status, statusText }: NonNullable<Exchange["response"]>): string {
  return `${status} ${statusText}`.trim();
}
