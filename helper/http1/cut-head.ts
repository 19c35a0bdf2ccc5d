import type { HeadCut } from "../../protocol/exchange.ts";
import { addControlFields, readControlFields, type ControlFields } from "./control-fields.ts";
import { cutRequestLine } from "./first-line.ts";
import { parseHead, RequestHead, type Head } from "./head.ts";

/** Of the line at hand so many characters are kept: no field that frames a message is as long. */
const maxLine = 16 * 1024;
/** Of a line that is longer, also its last ones: there stands its version, if it is a request's line. */
const lastOfLine = 16;

/** A head of which only the beginning is kept: what comes then is read for its end, and for how its message is framed. */
export class CutHead {
  readonly #kept: string;
  readonly #cut: HeadCut;
  readonly #control: ControlFields;
  /** From the last line feed on behind which another line begins. */
  #rest: string;
  /** Of a request whose line isn't over yet; empty: nor seen. */
  #version: string | undefined;

  /** `kept`: from the head's first character on. */
  constructor(kept: string, cut: HeadCut) {
    this.#kept = kept;
    this.#cut = cut;
    const lines = lastLine(kept);
    this.#control = readControlFields(kept.slice(0, lines + 1), 0);
    this.#rest = kept.slice(Math.max(lines, 0));
    this.#version = kept.includes("\n") ? undefined : "";
  }

  /** What comes next. Gives where the head ends; -1: further on. */
  read(bytes: Buffer, at: number): number {
    const before = this.#rest.length;
    const text = this.#rest + bytes.toString("latin1", at);
    const lineEnd = this.#version === "" ? text.indexOf("\n") : -1;
    if (lineEnd >= 0) this.#version = / (HTTP\/1\.\d)\r?$/.exec(text.slice(0, lineEnd))?.[1] ?? "";
    // It was no request's.
    if (lineEnd >= 0 && this.#version === "") return at + lineEnd + 1 - before;
    const emptyLine = /\n\r?\n/g;
    emptyLine.lastIndex = Math.max(before - 2, 0);
    const found = emptyLine.exec(text);
    if (found === null) {
      this.#goOn(text);
      return -1;
    }
    const end = found.index + found[0].length;
    addControlFields(this.#control, text.slice(0, end), 0);
    return at + end - before;
  }

  /** As far as it is known; undefined: it is none. `endSeen`: all of it has come. */
  head(endSeen: boolean): Head | undefined {
    const about = { control: this.#control, cut: this.#cut, endSeen };
    if (this.#version === undefined) return parseHead(withoutCutName(this.#kept), about);
    const line = cutRequestLine.exec(this.#kept);
    if (line === null || (endSeen && this.#version === "")) return undefined;
    return new RequestHead([...line, this.#version || "HTTP/1.?"], "", 0, about);
  }

  #goOn(text: string): void {
    const lines = lastLine(text);
    if (lines > 0) addControlFields(this.#control, text.slice(0, lines + 1), 0);
    const rest = text.slice(Math.max(lines, 0));
    this.#rest = rest.length > maxLine ? rest.slice(0, maxLine - lastOfLine) + rest.slice(-lastOfLine) : rest;
  }
}

/** Where the last line feed is behind which another line begins, and no folded one; -1: none. */
function lastLine(text: string): number {
  let at = text.lastIndexOf("\n", text.length - 2);
  while (at > 0 && (text[at + 1] === " " || text[at + 1] === "\t")) at = text.lastIndexOf("\n", at - 1);
  return at;
}

/** A value may lack its end, and a name not. */
function withoutCutName(text: string): string {
  const line = text.lastIndexOf("\n") + 1;
  return text.includes(":", line) ? `${text}\n` : text.slice(0, line);
}
