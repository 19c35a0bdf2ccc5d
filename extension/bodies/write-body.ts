/** Writes a body to a file, piece by piece; what is missing becomes what the user wants in its place. */
import type { Missing, Side } from "../../protocol/exchange.ts";
import { sizeText } from "../../protocol/format.ts";
import { gapText, missingBytes } from "../../protocol/reasons.ts";
import { stopText } from "../../protocol/content.ts";
import type { ExchangeKey } from "../model/run.ts";
import { NewFile } from "../recordings/new-file.ts";
import type { Bodies } from "./bodies.ts";

/** What becomes of missing bytes; `none`: there are none, and a file with any would be a fault. */
export type InGaps = "zeros" | "leave-out" | "none";

export interface WriteBody {
  key: ExchangeKey;
  side: Side;
  /** Its codings off. */
  isContent: boolean;
  inGaps: InGaps;
  signal: AbortSignal;
  /** `done` of `size` bytes. */
  onProgress(done: number, size: number): void;
}

/** Gives what was written, in words. Rejects with words for a person, and leaves nothing, where it can't be. */
export function writeBody(bodies: Bodies, path: string, options: WriteBody): Promise<string> {
  return NewFile.make(path, (file) =>
    options.isContent ? writeContent(bodies, file, options) : writeSent(bodies, file, options),
  );
}

async function writeContent(bodies: Bodies, file: NewFile, { key, side }: WriteBody): Promise<string> {
  const { bytes, stop } = await bodies.decode(key, side);
  await file.append([bytes]);
  const size = sizeText(bytes.length);
  return stop === undefined ? size : `${size}, only as far as it could be decoded: ${stopText(stop)}`;
}

async function writeSent(
  bodies: Bodies,
  file: NewFile,
  { key, side, inGaps, signal, onProgress }: WriteBody,
): Promise<string> {
  const { size } = (await bodies.message(key, side)).body;
  let written = 0;
  let lost = 0;
  for await (const part of bodies.parts(key, side, 0, size)) {
    signal.throwIfAborted();
    const { start, end, missing } = part;
    if (inGaps === "none" && missing[0] !== undefined)
      throw new Error(`bytes were given up meanwhile: ${gapText(missing[0])}`);
    const bytes = Buffer.from(part.base64, "base64");
    const pieces = inGaps === "leave-out" ? held(bytes, start, missing) : [bytes];
    await file.append(pieces);
    written += pieces.reduce((sum, { length }) => sum + length, 0);
    lost += missingBytes(missing);
    onProgress(end, size);
  }
  if (lost === 0) return sizeText(written);
  const words =
    inGaps === "zeros" ? "of them zeros, where bytes are missing" : "that are missing were left out";
  return `${sizeText(written)}, ${sizeText(lost)} ${words}`;
}

/** What of the bytes, which begin at `start`, is there. */
function held(bytes: Uint8Array, start: number, missing: readonly Missing[]): Uint8Array[] {
  const edges = [start, ...missing.flatMap((gap) => [gap.start, gap.end]), start + bytes.length];
  return Array.from({ length: edges.length / 2 }, (_, i) =>
    bytes.subarray(edges[2 * i]! - start, edges[2 * i + 1]! - start),
  );
}
