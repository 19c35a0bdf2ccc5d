/** What was said in a WebSocket, or in a call by gRPC, by both sides, in its order. */
import type { CallMessage, SocketMessage } from "../../protocol/content.ts";
import type { Conversation } from "../../protocol/webview.ts";
import { DescriptorsOffer } from "./descriptors-offer.ts";
import { h, note } from "../dom.ts";
import { readMessages } from "./extension-link.ts";
import type { Item } from "../content/items-view.ts";
import { callElement, socketElement } from "../content/message-items.ts";

/** Milliseconds between two looks at one that goes on. */
const pause = 500;

export class MessagesView {
  readonly element: HTMLElement;
  /** What stands beside or below the messages. */
  readonly aside = h("aside", { "aria-label": "Facts" });
  readonly #key: string;
  readonly #list = h("ol", { class: "items messages", tabindex: "0", "aria-label": "Messages" });
  readonly #note = note("");
  readonly #offer: DescriptorsOffer;
  #visible = false;
  #isStale = true;
  #timer: number | undefined;
  #shown: string[] = [];

  constructor(key: string) {
    this.#key = key;
    this.#offer = new DescriptorsOffer(key);
    const main = h("div", { class: "main" }, this.#note, this.#offer.element, this.#list);
    this.element = h("section", { class: "split", "aria-label": "Messages" }, main, this.aside);
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
      const conversation = await readMessages(this.#key);
      this.#note.textContent = [countText(conversation), ...conversation.notes].join("; ");
      this.#offer.update(conversation);
      this.#show(itemsOf(conversation));
    } catch (error) {
      this.#note.textContent = error instanceof Error ? error.message : String(error);
    }
    this.#timer = undefined;
    if (this.#isStale) this.update();
  }

  /** Those that stay the same stay in place, and with them what is opened and selected there. */
  #show(items: Item[]): void {
    const keys = items.map(({ key }) => key);
    // Of a long one the earliest go as others come.
    const gone = Math.max(this.#shown.indexOf(keys[0] ?? ""), 0);
    for (let i = 0; i < gone; i++) this.#list.firstElementChild?.remove();
    const before = this.#shown.slice(gone);
    let same = 0;
    while (same < keys.length && keys[same] === before[same]) same++;
    while (this.#list.childElementCount > same) this.#list.lastElementChild?.remove();
    this.#list.append(...items.slice(same).map((item) => item.element()));
    this.#shown = keys;
  }
}

function countText({ kind, messages }: Conversation): string {
  const count =
    kind === "socket" ? messages.length : messages.filter((each) => each.kind === "message").length;
  return count === 1 ? "1 message" : `${count.toLocaleString("en-US")} messages`;
}

function itemsOf(conversation: Conversation): Item[] {
  return conversation.kind === "socket"
    ? conversation.messages.map((message) => itemOf(message, socketElement))
    : conversation.messages.map((message) => itemOf(message, callElement));
}

function itemOf<Message extends SocketMessage | CallMessage>(
  message: Message,
  element: (message: Message) => HTMLElement,
): Item {
  return {
    key: JSON.stringify({ ...message, bytes: message.bytes?.length }),
    element: () => element(message),
  };
}
