import { arrivedAt } from "../../content/arrivals.ts";
import { parseEventStream, type ServerEvent } from "../../content/event-stream.ts";
import { prettyJson } from "../../content/json.ts";
import type { Arrival } from "../../protocol/exchange.ts";
import { durationText } from "../../protocol/format.ts";
import { h } from "../dom.ts";
import type { ReadItems } from "./items-view.ts";

/** Characters of an event that its closed row shows. */
const rowLength = 300;

/** Server-sent events. `arrivals`: of the bytes that are read; none where they aren't those that came. */
export function eventItems(arrivals: () => readonly Arrival[]): ReadItems {
  return (bytes) => ({
    items: parseEventStream(bytes).map((event) => {
      const time = arrivedAt(arrivals(), event.end);
      return { key: JSON.stringify([event, time]), element: () => eventElement(event, time) };
    }),
  });
}

function eventElement({ type, data, id, retry, comments, isWhole }: ServerEvent, time: number | undefined) {
  const isEmpty = data === "" && id === undefined && retry === undefined;
  const facts = [
    time === undefined ? "" : durationText(time),
    isEmpty && comments.length > 0 ? "comment" : type,
    id === undefined ? "" : `id ${id}`,
    retry === undefined ? "" : `retry ${retry} ms`,
    isWhole ? "" : "not all of it is there",
  ];
  const said = data === "" ? comments.join(" ") : data;
  const whole = h("pre", {});
  const open = () =>
    (whole.textContent ||= prettyJson(data) ?? [...comments.map((each) => `: ${each}`), data].join("\n"));
  const summary = h(
    "summary",
    {},
    h("span", { class: "fact" }, facts.filter((fact) => fact !== "").join(" · ")),
    " ",
    said.replaceAll(/\s+/g, " ").slice(0, rowLength),
  );
  return h("li", {}, h("details", { ontoggle: open }, summary, whole));
}
