/** What an exchange's time was spent on: a bar, and the same in words. */
import type { Exchange } from "../../protocol/exchange.ts";
import { durationText } from "../../protocol/format.ts";
import { h } from "../dom.ts";
import { factList, type Fact } from "./facts.ts";
import type { Openings } from "./openings.ts";
import { lengthText, phasesOf, phasesText, phaseText, stallTexts } from "./phases.ts";
import { Section } from "./section.ts";

export class TimingView {
  readonly section: Section;
  readonly #bar = h("div", { class: "bar", role: "img" });
  readonly #facts = h("div", {});
  #shown = "";

  constructor(openings: Openings) {
    this.section = new Section("timing", "Timing", openings, this.#bar, this.#facts);
  }

  /** `now`: Unix time in milliseconds where the exchange was seen. */
  update(exchange: Exchange, now: number): void {
    const { start, duration, responseStart, requestEnd, stalled } = exchange;
    const phases = phasesOf(exchange, Math.max(0, now - start));
    const stalls = stalled === undefined ? [] : stallTexts(stalled);
    const overlap = responseStart !== undefined && requestEnd !== undefined && responseStart < requestEnd;
    const words = phasesText(phases) || "not known";
    const shown = JSON.stringify([words, duration, responseStart, stalls, overlap]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.section.say([words, ...stalls].join("; "), duration === undefined ? "" : durationText(duration));
    this.#bar.hidden = phases.length === 0;
    this.#bar.setAttribute("aria-label", `Timing: ${[words, ...stalls].join("; ")}`);
    this.#bar.replaceChildren(
      ...phases.map((phase) => {
        const part = h("span", { class: phase.kind });
        part.style.flexGrow = String(phase.end - phase.start);
        return part;
      }),
    );
    const facts: Fact[] = phases.flatMap((phase): Fact[] => [
      ...(phase.kind === "download"
        ? [["first byte", `after ${durationText(phase.start)}`] satisfies Fact]
        : []),
      [phaseText[phase.kind], lengthText(phase)],
    ]);
    this.#facts.replaceChildren(
      factList([
        ...facts,
        ["flow control", stalls.join("; ")],
        ["overlap", overlap ? "the response began before the request had ended" : ""],
      ]),
    );
  }
}
