import { maxHead } from "../../protocol/exchange.ts";
import { findHeadEnd, skipLineEnds } from "./bytes.ts";
import { CutHead } from "./cut-head.ts";
import { classify, type Doubt, type HeadKind } from "./first-line.ts";
import type { Head } from "./head.ts";
import { HeadReader } from "./head-reader.ts";
import { Partial } from "../memory/partial.ts";

/** What a step came to. "more": it took all there was, and waits for more. "no": what is here is no head. */
type Found = "more" | "no" | "head";

/** What reading on came to, and where. */
interface Reading {
  found: Found;
  end: number;
}

/** Finds one direction's heads, also where they come in pieces. */
export class HeadScanner {
  /** Of what was found last, where that was a "head"; undefined: it only looked like one. */
  head: Head | undefined;
  readonly #heads = new HeadReader();
  /** The beginning of a head, or of what may be one. */
  readonly #partial = new Partial();
  /** The head at hand, where more has come of it than is kept. */
  #long: CutHead | undefined;

  /** Bytes that were taken, and are not yet known to be a head. */
  get begun(): number {
    return this.#partial.length;
  }

  /** More has come of the head at hand than is kept. */
  get isLong(): boolean {
    return this.#long !== undefined;
  }

  forget(): void {
    this.#partial.length = 0;
    this.#long = undefined;
  }

  /** No more will come of the head at hand: gives what is known of it, where that is enough to know it for one. */
  breakOff(kind: HeadKind | undefined): Head | undefined {
    const { bytes } = this.#partial;
    const from = skipLineEnds(bytes, 0);
    const long = this.#long;
    const isBegun = long === undefined && bytes.indexOf(10, from) >= 0;
    const text = isBegun ? bytes.toString("latin1", from) : "";
    this.forget();
    const head = isBegun ? new CutHead(text, "unfinished").head(false) : long?.head(false);
    return kind === undefined || head?.kind === kind ? head : undefined;
  }

  /** Whether a head of that kind begins where `bytes` do, or began in those taken before. Takes only what is undecided. */
  looksLike(bytes: Buffer, kind: HeadKind | undefined, doubt: Doubt): Found {
    const before = this.#partial.length;
    if (before > 0) this.#partial.append(bytes);
    const begun = before > 0 ? this.#partial.bytes : bytes;
    // After so many bytes only the line's end can tell: looking at all of it each time would take too long.
    const undecided = before > 1024 && begun.length < maxHead && bytes.indexOf(10) < 0;
    const found = undecided ? "more" : classify(begun, kind, doubt);
    if (found === "more" && begun.length < maxHead) {
      if (before === 0) this.#partial.append(bytes);
      return "more";
    }
    this.#partial.length = before;
    // A line that is so long is taken for one, but not among what was lost.
    if (found === "more") return doubt === "lost" ? "no" : "head";
    return found === "no" ? "no" : "head";
  }

  /**
   * Reads the head that begins at `at`, or whose beginning was taken before. Gives where it ends. `found` then: its end
   * is still to come; it is too long, or no head; or `head` it is.
   */
  read(bytes: Buffer, at: number, kind: HeadKind | undefined): Reading {
    if (this.#long !== undefined) return this.#readLong(this.#long, bytes, at, kind);
    if (this.#partial.length > 0) return this.#readOn(bytes, at, kind);
    const end = findHeadEnd(bytes, at);
    if (end >= 0 && end - at <= maxHead) return this.#whole(bytes, at, end, kind, end);
    return this.#readOn(bytes, at, kind);
  }

  #readOn(bytes: Buffer, at: number, kind: HeadKind | undefined): Reading {
    const before = this.#partial.length;
    const stop = Math.min(at + maxHead - before, bytes.length);
    this.#partial.append(bytes, at, stop);
    const begun = this.#partial.bytes;
    const from = skipLineEnds(begun, 0);
    // The end's line feeds may lie on both sides of the seam.
    const end = findHeadEnd(begun, Math.max(from, before - 2));
    if (end >= 0) {
      this.#partial.length = 0;
      return this.#whole(begun, from, end, kind, at + end - before);
    }
    // A first line is looked at while it is short.
    if ((before < 1024 && classify(begun, kind, "none") === "no") || from === maxHead) {
      this.#partial.length = 0;
      return { found: "no", end: bytes.length };
    }
    if (begun.length < maxHead) return { found: "more", end: bytes.length };
    this.#long = new CutHead(begun.toString("latin1", from), "limit");
    return this.#readLong(this.#long, bytes, stop, kind);
  }

  #readLong(long: CutHead, bytes: Buffer, at: number, kind: HeadKind | undefined): Reading {
    const end = long.read(bytes, at);
    if (end < 0) return { found: "more", end: bytes.length };
    this.forget();
    return this.#found(long.head(true), kind, end);
  }

  /** All of it is `[start, end)` of `bytes`. `next`: where in those that came last it ends. */
  #whole(bytes: Buffer, start: number, end: number, kind: HeadKind | undefined, next: number): Reading {
    return this.#found(this.#heads.read(bytes, start, end), kind, next);
  }

  #found(head: Head | undefined, kind: HeadKind | undefined, end: number): Reading {
    this.head = head;
    const isOne = head !== undefined && (kind === undefined || head.kind === kind);
    return { found: isOne ? "head" : "no", end };
  }
}
