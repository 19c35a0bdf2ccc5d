/** Finds a text in a body, however long it is: a piece at a time, and none of it is kept. */
import { setImmediate as pause } from "node:timers/promises";
import { findable, findText } from "../../content/find-text.ts";
import { textCut } from "../../content/text-cut.ts";
import { stopText } from "../../protocol/content.ts";
import { sizeText } from "../../protocol/format.ts";
import { mostMatches, type BodyMatches, type BodySearch } from "../../protocol/webview.ts";
import type { ExchangeKey } from "../model/run.ts";
import type { Bodies } from "./bodies.ts";

/** Bytes that are looked through at once. */
const pieceSize = 1024 * 1024;

interface Piece {
  /** In the body. */
  start: number;
  bytes: Uint8Array;
  /** What follows is missing, or there is nothing more. */
  isLast: boolean;
}

/** Rejects as the bodies do, and when `signal` says so. */
export async function findInBody(
  bodies: Bodies,
  key: ExchangeKey,
  { side, of, text, charset }: BodySearch,
  signal: AbortSignal,
): Promise<BodyMatches> {
  const notes: string[] = [];
  const pieces =
    of === "body" ? sentPieces(bodies, key, side, notes) : contentPieces(bodies, key, side, notes);
  const search = new Search(text, charset);
  for await (const piece of pieces) {
    signal.throwIfAborted();
    search.take(piece);
    if (search.matches.length < mostMatches) continue;
    return { matches: search.matches, notes: ["there may be more, which were not counted"] };
  }
  return { matches: search.matches, notes };
}

class Search {
  readonly matches: BodyMatches["matches"] = [];
  readonly #pattern: RegExp;
  readonly #charset: string;
  /** Bytes of a match at most, where one may begin anywhere in a line. */
  readonly #overlap: number;
  /** What of the piece before belongs to a line that goes on. */
  #carry: { start: number; bytes: Uint8Array } | undefined;

  constructor(text: string, charset: string) {
    this.#pattern = findable(text);
    this.#charset = charset;
    this.#overlap = 4 * text.length;
  }

  take({ start, bytes, isLast }: Piece): void {
    const carry = this.#carry;
    const from = carry?.start ?? start;
    const all = carry === undefined ? bytes : Buffer.concat([carry.bytes, bytes]);
    const end = isLast ? all.length : textCut(all, this.#charset);
    const after = this.matches.at(-1)?.[1] ?? 0;
    // Of what was carried over some were found before.
    const most = mostMatches - this.matches.length + this.#overlap;
    const found = findText(all.subarray(0, end), this.#charset, this.#pattern, most)
      .map(([first, last]): [number, number] => [from + first, from + last])
      .filter(([first]) => first >= after);
    for (const match of found.slice(0, mostMatches - this.matches.length)) this.matches.push(match);
    const rest = isLast || all[end - 1] === 0x0a ? end : this.#before(all, end);
    this.#carry = isLast ? undefined : { start: from + rest, bytes: all.slice(rest) };
  }

  /** Where in a long line a character begins, so far before `end` that what begins before it ends before `end`. */
  #before(bytes: Uint8Array, end: number): number {
    // Of others nobody can tell from the middle where a character begins.
    if (!/^(?:utf|windows|iso-8859|koi8|mac)/.test(this.#charset)) return end;
    let at = Math.max(0, end - this.#overlap);
    if (this.#charset === "utf-8") while (at < end && (bytes[at]! & 0xc0) === 0x80) at++;
    return at - (this.#charset.startsWith("utf-16") ? at % 2 : 0);
  }
}

async function* sentPieces(
  bodies: Bodies,
  key: ExchangeKey,
  side: BodySearch["side"],
  notes: string[],
): AsyncGenerator<Piece> {
  const { body } = await bodies.message(key, side);
  let missing = 0;
  for await (const part of bodies.parts(key, side, 0, body.size, pieceSize)) {
    const bytes = Buffer.from(part.base64, "base64");
    let start = part.start;
    for (const gap of [...part.missing, { start: part.end, end: part.end }]) {
      const isLast = gap.end > gap.start || gap.start >= body.size;
      if (gap.start > start || isLast)
        yield { start, bytes: bytes.subarray(start - part.start, gap.start - part.start), isLast };
      missing += gap.end - gap.start;
      start = gap.end;
    }
  }
  if (missing > 0) notes.push(`${sizeText(missing)} missing, not searched`);
}

async function* contentPieces(
  bodies: Bodies,
  key: ExchangeKey,
  side: BodySearch["side"],
  notes: string[],
): AsyncGenerator<Piece> {
  const { bytes, stop } = await bodies.decode(key, side);
  for (let start = 0; start < bytes.length; start += pieceSize) {
    yield {
      start,
      bytes: bytes.subarray(start, start + pieceSize),
      isLast: start + pieceSize >= bytes.length,
    };
    await pause(); // others, and who cancels, come first
  }
  if (stop !== undefined) notes.push(`searched as far as it was decoded: ${stopText(stop)}`);
}
