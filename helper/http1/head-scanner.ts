import { findHeadEnd, skipLineEnds } from "./bytes.ts";
import { classify, maxHead, type Doubt, type HeadKind } from "./first-line.ts";
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

  /** Bytes that were taken, and are not yet known to be a head. */
  get begun(): number {
    return this.#partial.length;
  }

  forget(): void {
    this.#partial.length = 0;
  }

  /** Whether a head of that kind begins where `bytes` do, or began in those taken before. Takes only what is undecided. */
  looksLike(bytes: Buffer, kind: HeadKind | undefined, doubt: Doubt): Found {
    const before = this.#partial.length;
    if (before === 0) {
      const found = classify(bytes, kind, doubt);
      if (found === "more") this.#partial.append(bytes);
      return found === "more" || found === "no" ? found : "head";
    }
    this.#partial.append(bytes);
    // After so many bytes only the line's end can tell: looking at all of it each time would take too long.
    const undecided = before > 1024 && before <= maxHead && bytes.indexOf(10) < 0;
    const found = undecided ? "more" : classify(this.#partial.bytes, kind, doubt);
    if (found === "more") return "more";
    this.#partial.length = before;
    return found === "no" ? "no" : "head";
  }

  /**
   * Reads the head that begins at `at`, or whose beginning was taken before. Gives where it ends. `found` then: its end
   * is still to come; it is too long, or no head; or `head` it is.
   */
  read(bytes: Buffer, at: number, kind: HeadKind | undefined): Reading {
    if (this.#partial.length > 0) return this.#readOn(bytes, at, kind);
    const end = findHeadEnd(bytes, at);
    if (end >= 0 && end - at <= maxHead) return this.#whole(bytes, at, end, kind, end);
    this.#partial.append(bytes, at);
    if (this.#partial.length <= maxHead && classify(this.#partial.bytes, kind, "none") !== "no")
      return { found: "more", end: bytes.length };
    this.#partial.length = 0;
    return { found: "no", end: bytes.length };
  }

  #readOn(bytes: Buffer, at: number, kind: HeadKind | undefined): Reading {
    const before = this.#partial.length;
    this.#partial.append(bytes, at, Math.min(at + maxHead, bytes.length));
    const whole = this.#partial.bytes;
    // The end's line feeds may lie on both sides of the seam.
    const end = findHeadEnd(whole, Math.max(skipLineEnds(whole, 0), before - 2));
    if (end < 0) {
      // A first line is looked at while it is short.
      const isNone = whole.length > maxHead || (before < 1024 && classify(whole, kind, "none") === "no");
      if (isNone) this.#partial.length = 0;
      return { found: isNone ? "no" : "more", end: bytes.length };
    }
    this.#partial.length = 0;
    if (end > maxHead) return { found: "no", end: at + end - before };
    return this.#whole(whole, skipLineEnds(whole, 0), end, kind, at + end - before);
  }

  /** All of it is `[start, end)` of `bytes`. `next`: where in those that came last it ends. */
  #whole(bytes: Buffer, start: number, end: number, kind: HeadKind | undefined, next: number): Reading {
    this.head = this.#heads.read(bytes, start, end);
    const isOne = this.head !== undefined && (kind === undefined || this.head.kind === kind);
    return { found: isOne ? "head" : "no", end: next };
  }
}
