/** One message of a WebSocket, or of a call, as a row that opens. */
import { prettyJson } from "../../content/json.ts";
import type { CallMessage, SocketMessage } from "../../protocol/content.ts";
import { durationText, sizeText } from "../../protocol/format.ts";
import { h, note } from "../dom.ts";
import { hexText } from "./hex.ts";

/** Characters of a message that its closed row shows. */
const rowLength = 300;

export function socketElement(message: SocketMessage): HTMLElement {
  const { kind, size, code, text } = message;
  const facts = [sizeText(size), kind === "text" ? "" : kind, code === undefined ? "" : String(code)];
  return messageElement(message, facts, () => (text === undefined ? undefined : (prettyJson(text) ?? text)));
}

export function callElement(message: CallMessage): HTMLElement {
  const { kind, size, name = "", unpacked, text } = message;
  const facts =
    kind === "status"
      ? ["status"]
      : [
          sizeText(size),
          unpacked === undefined ? "" : `${sizeText(unpacked.size)} without ${unpacked.coding}`,
          name,
        ];
  const status = kind === "status" && name !== "" ? [statusElement(name), " "] : [];
  return messageElement(message, facts, () => text, ...status);
}

function statusElement(name: string): HTMLElement {
  const isGood = name.toLowerCase() === "ok";
  return h("span", { class: isGood ? "" : "fault" }, name);
}

/** `whole`: what it opens to; undefined where that is bytes. */
function messageElement(
  { from, time, isWhole, fault, text = "", bytes, cut }: SocketMessage | CallMessage,
  facts: string[],
  whole: () => string | undefined,
  ...before: (Node | string)[]
): HTMLElement {
  const all = [
    time === undefined ? "" : durationText(time),
    ...facts,
    isWhole ? "" : "not all of it is there",
  ];
  const opened = h("pre", {});
  const rest = cut === undefined ? [] : [note(`and ${cut.toLocaleString("en-US")} more`)];
  // Only then: there may be a thousand of them.
  const open = () => (opened.textContent ||= whole() ?? (bytes === undefined ? "" : hexText(bytes)));
  const summary = h(
    "summary",
    {},
    h("span", { class: "direction" }, from === "client" ? "↑ client" : "↓ server"),
    " ",
    h("span", { class: "fact" }, all.filter((fact) => fact !== "").join(" · ")),
    " ",
    ...(fault === undefined ? [] : [h("span", { class: "fault" }, fault), " "]),
    ...before,
    text.replaceAll(/\s+/g, " ").slice(0, rowLength),
  );
  return h("li", { class: from }, h("details", { ontoggle: open }, summary, opened, ...rest));
}
