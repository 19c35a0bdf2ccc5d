/** What was said in a WebSocket, by both sides, in its order. */
import { prettyJson } from "../content/json.ts";
import type { SocketMessage } from "../protocol/content.ts";
import { durationText, sizeText } from "../protocol/format.ts";
import { h, note } from "./dom.ts";
import { readMessages } from "./extension-link.ts";
import { hexText } from "./hex.ts";

/** Milliseconds between two looks at one that goes on. */
const pause = 500;
/** Characters of a message that its closed row shows. */
const rowLength = 300;

export class MessagesView {
  readonly element = h("div", {});
  readonly #key: string;
  readonly #list = h("ol", { class: "items messages", tabindex: "0", "aria-label": "Messages" });
  readonly #note = note("");
  #visible = false;
  #isStale = true;
  #timer: number | undefined;
  #shown: string[] = [];

  constructor(key: string) {
    this.#key = key;
    this.element.append(this.#note, this.#list);
  }

  async show(visible: boolean): Promise<void> {
    this.#visible = visible;
    if (visible && this.#isStale) await this.#refresh();
  }

  /** There may be more. */
  update(): void {
    this.#isStale = true;
    if (this.#visible) this.#timer ??= window.setTimeout(() => void this.#refresh(), pause);
  }

  async #refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isStale = false;
    try {
      const { messages, notes } = await readMessages(this.#key);
      const count =
        messages.length === 1 ? "1 message" : `${messages.length.toLocaleString("en-US")} messages`;
      this.#note.textContent = [count, ...notes].join("; ");
      this.#show(messages);
    } catch (error) {
      this.#note.textContent = error instanceof Error ? error.message : String(error);
    }
    this.#timer = undefined;
    if (this.#isStale) this.update();
  }

  /** Those that stay the same stay in place, and with them what is opened and selected there. */
  #show(messages: SocketMessage[]): void {
    const keys = messages.map((message) => JSON.stringify({ ...message, bytes: message.bytes?.length }));
    // Of a long one the earliest go as others come.
    const gone = Math.max(this.#shown.indexOf(keys[0] ?? ""), 0);
    for (let i = 0; i < gone; i++) this.#list.firstElementChild?.remove();
    const before = this.#shown.slice(gone);
    let same = 0;
    while (same < keys.length && keys[same] === before[same]) same++;
    while (this.#list.childElementCount > same) this.#list.lastElementChild?.remove();
    this.#list.append(...messages.slice(same).map(messageElement));
    this.#shown = keys;
  }
}

function messageElement(message: SocketMessage): HTMLElement {
  const { from, kind, time, size, text, isWhole, cut, fault } = message;
  const row = text === undefined ? "" : text.replaceAll(/\s+/g, " ").slice(0, rowLength);
  const facts = [
    time === undefined ? "" : durationText(time),
    sizeText(size),
    kind === "text" ? "" : kind,
    message.code === undefined ? "" : String(message.code),
    isWhole ? "" : "not all of it is there",
    fault ?? "",
  ];
  const whole = h("pre", {});
  const rest = cut === undefined ? [] : [note(`and ${cut.toLocaleString("en-US")} more`)];
  const open = () => (whole.textContent ||= contentText(message));
  const summary = h(
    "summary",
    {},
    h("span", { class: "direction" }, from === "client" ? "↑ client" : "↓ server"),
    " ",
    h("span", { class: "fact" }, facts.filter((fact) => fact !== "").join(" · ")),
    " ",
    row,
  );
  return h("li", { class: from }, h("details", { ontoggle: open }, summary, whole, ...rest));
}

function contentText({ text, bytes }: SocketMessage): string {
  if (text !== undefined) return prettyJson(text) ?? text;
  return bytes === undefined ? "" : hexText(bytes);
}
