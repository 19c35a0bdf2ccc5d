/** Of a call whose messages nobody describes: what would, and the button that asks the server. */
import type { Conversation } from "../../protocol/webview.ts";
import { h } from "../dom.ts";
import { describe } from "./extension-link.ts";

export class DescriptorsOffer {
  readonly element = h("div", { class: "offer" });
  readonly #key: string;
  readonly #said = h("p", { class: "note", role: "status" });
  #shown = "";

  constructor(key: string) {
    this.#key = key;
    this.element.hidden = true;
    this.element.append(this.#said);
  }

  update(conversation: Conversation): void {
    const isUndescribed = conversation.kind === "call" && conversation.isUndescribed;
    const askable = conversation.kind === "call" ? conversation.askable : undefined;
    this.element.hidden = !isUndescribed;
    const shown = JSON.stringify([isUndescribed, askable]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const text = "Fields are by number: no descriptor of this method is known. ";
    const otherwise = "The setting tinytap.grpc.protoFiles names .proto files that describe it.";
    this.element.replaceChildren(
      h("p", { class: "note" }, text + otherwise),
      ...(askable === undefined ? [] : [this.#button(askable)]),
      this.#said,
    );
  }

  #button(address: string): HTMLElement {
    const ask = async () => {
      button.disabled = true;
      this.#said.textContent = `Asking ${address}…`;
      try {
        // What is shown anew then is the extension's to say.
        await describe(this.#key);
        this.#said.textContent = "";
      } catch (error) {
        this.#said.textContent = error instanceof Error ? error.message : String(error);
      }
      button.disabled = false;
    };
    const button = h(
      "button",
      { type: "button", onclick: () => void ask() },
      `Ask ${address} for its descriptors`,
    );
    return button;
  }
}
