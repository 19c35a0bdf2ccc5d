/** Where a text stands in bytes. */
import { decodeText, isUtf8 } from "./charset.ts";

/** `[start, end)` in bytes. */
export type Match = [start: number, end: number];

/** Its case ignored, as `patternOf` of the search does; it is no expression. */
export function findable(text: string): RegExp {
  return new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu");
}

/** `bytes` begin and end with whole characters. `pattern`: as `findable` makes it. */
export function findText(bytes: Uint8Array, charset: string, pattern: RegExp, most: number): Match[] {
  const text = decodeText(bytes, charset);
  const places: Match[] = [];
  for (const { index, 0: found } of text.matchAll(pattern)) {
    places.push([index, index + found.length]);
    if (places.length === most) break;
  }
  return places.length === 0 ? [] : bytePlaces(bytes, charset, text, places);
}

/** Places in the text as places in its bytes. */
function bytePlaces(bytes: Uint8Array, charset: string, text: string, places: Match[]): Match[] {
  const sizeOf =
    charset === "utf-8" && isUtf8(bytes) && bytes[0] !== 0xef
      ? (from: number, to: number) => new TextEncoder().encode(text.slice(from, to)).length
      : byteCounter(bytes, charset);
  let [at, byte] = [0, 0];
  const advance = (to: number) => {
    byte += sizeOf(at, to);
    at = to;
    return byte;
  };
  return places.map(([start, end]) => [advance(start), advance(end)]);
}

/** Counts by decoding byte after byte: of any charset, and with faults. Asked for what follows what it was asked for last. */
function byteCounter(bytes: Uint8Array, charset: string): (from: number, to: number) => number {
  const decoder = new TextDecoder(charset);
  let [taken, units] = [0, 0];
  let size = 0;
  return (_, to) => {
    const before = size;
    while (units < to && taken < bytes.length) {
      units += decoder.decode(bytes.subarray(taken, taken + 1), { stream: true }).length;
      taken++;
      if (units <= to) size = taken;
    }
    return size - before;
  };
}
