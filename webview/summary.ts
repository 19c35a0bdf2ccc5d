/** The head of the page: what was asked, what was answered, by whom, how long it took. */
import type { Exchange } from "../protocol/exchange.ts";
import { durationText } from "../protocol/format.ts";
import { h } from "./dom.ts";

const stateText = { "in-flight": "in flight", complete: "complete", broken: "broken off" };

export function summary(exchange: Exchange): Node[] {
  const { request, response, process, pid, role, local, remote, start, duration, state } = exchange;
  const asked = request
    ? [h("span", { class: "method" }, request.method), " ", h("span", { class: "target" }, request.target)]
    : ["(the request was not seen)"];
  const answered = response
    ? h("span", { class: `status status-${Math.floor(response.status / 100)}` }, statusLine(response))
    : h("span", { class: "status" }, state === "in-flight" ? "waiting for the response" : "no response");
  const facts: [string, string][] = [
    ["State", stateText[state]],
    ["Duration", duration === undefined ? "–" : durationText(duration)],
    ["Started", new Date(start).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" })],
    ["Process", `${process}[${pid}], the ${role}`],
    ["Connection", `${local} ${role === "server" ? "←" : "→"} ${remote}`],
  ];
  return [
    h("h1", {}, ...asked),
    h("p", { class: "status-line" }, answered, h("span", { class: "version" }, request?.version ?? "")),
    h("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
  ];
}

function statusLine({ version, status, statusText }: NonNullable<Exchange["response"]>): string {
  return `${version} ${status} ${statusText}`.trim();
}
