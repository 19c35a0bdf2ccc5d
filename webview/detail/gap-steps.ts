/** Goes from one missing range of a body to the next, and back. */
import type { Missing } from "../../protocol/exchange.ts";
import { gapText } from "../../protocol/reasons.ts";
import { h, icon, iconButton } from "../dom.ts";

export class GapSteps {
  readonly element = h("span", { class: "gap-steps" });
  readonly #count = h("span", { class: "fault" });
  /** Which one was gone to. */
  readonly said = h("p", { class: "said fault", role: "status" });
  readonly #show: (gap: Missing) => Promise<void>;
  #gaps: readonly Missing[] = [];
  /** Where the one that was gone to last begins. */
  #at = -1;

  /** `show` shows it in its place. */
  constructor(show: (gap: Missing) => Promise<void>) {
    this.#show = show;
    this.element.hidden = true;
    this.element.append(
      icon("circle-slash"),
      this.#count,
      iconButton("arrow-up", "Previous missing range (Shift+F8)", () => void this.step(-1)),
      iconButton("arrow-down", "Next missing range (F8)", () => void this.step(1)),
    );
  }

  update(gaps: readonly Missing[]): void {
    this.#gaps = gaps;
    this.element.hidden = gaps.length === 0;
    const text = `${gaps.length.toLocaleString("en-US")} missing`;
    if (this.#count.textContent !== text) this.#count.textContent = text;
  }

  /** Behind the last one comes the first. */
  async step(direction: 1 | -1): Promise<void> {
    const gaps = this.#gaps;
    const next =
      direction > 0
        ? (gaps.find(({ start }) => start > this.#at) ?? gaps[0])
        : (gaps.findLast(({ start }) => start < this.#at) ?? gaps.at(-1));
    if (next === undefined) return;
    this.#at = next.start;
    const number = gaps.indexOf(next) + 1;
    this.said.textContent = `${number} of ${gaps.length}: ${gapText(next)}`;
    await this.#show(next);
  }
}
