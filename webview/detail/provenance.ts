/** Where an exchange comes from: the program, its connection, and the other end of that. */
import type { Exchange } from "../../protocol/exchange.ts";
import type { Shown } from "../../protocol/webview.ts";
import { h } from "../dom.ts";
import { factList, type Fact } from "./facts.ts";
import type { Openings } from "./openings.ts";
import { Section } from "./section.ts";

export class Provenance {
  readonly section: Section;
  readonly #facts = h("div", {});
  readonly #showOther: (id: number) => void;
  #shown = "";

  /** `showOther`: what shows another exchange. */
  constructor(openings: Openings, showOther: (id: number) => void) {
    this.#showOther = showOther;
    this.section = new Section("provenance", "Provenance", openings, this.#facts);
  }

  /** `redacted`, `session`: see ToPage. */
  update(exchange: Exchange, { redacted = false, session }: Pick<Shown, "redacted" | "session">): void {
    const { process, pid, role, local, remote, start, stream, pushed, otherEnd } = exchange;
    const version = (exchange.response ?? exchange.request)?.version ?? "";
    const shown = JSON.stringify([
      pid,
      role,
      local,
      remote,
      start,
      stream,
      otherEnd,
      version,
      redacted,
      session,
    ]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    // Of a recording nobody may know.
    const program = pid > 0 ? `${process}[${pid}]` : process;
    const isConnected = local !== "" || remote !== "";
    this.section.say(`${session ?? program}, ${role}`);
    const time = new Date(start).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
    const facts: Fact[] = [
      ["Debug session", session ?? ""],
      ["Process", `${program} (${role})`],
      ["Connection", isConnected ? `${local} ${role === "server" ? "←" : "→"} ${remote}` : ""],
      ["Protocol", version],
      ["Stream", stream === undefined ? "" : pushed ? `${stream}, pushed by the server` : `${stream}`],
      ["Started", time],
      ["Credentials", redacted ? "left out when the recording was saved" : ""],
      ["Other end", otherEnd === undefined ? "" : this.#button(role, otherEnd)],
    ];
    this.#facts.replaceChildren(factList(facts));
  }

  #button(role: Exchange["role"], otherEnd: number): HTMLElement {
    const whose = role === "server" ? "client" : "server";
    const open = () => this.#showOther(otherEnd);
    return h("button", { type: "button", onclick: open }, `Show what the ${whose} saw`);
  }
}
