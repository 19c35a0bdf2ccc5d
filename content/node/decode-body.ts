import type { Decoded } from "../../protocol/content.ts";
import type { Body, Header } from "../../protocol/exchange.ts";
import type { BodyResult } from "../../protocol/rpc.ts";
import { codingsOf } from "../headers.ts";
import { decode, usualLimits, type Limits } from "./decode.ts";

/**
 * The content of a body that is read from whoever keeps it, up to its first missing byte. `read` answers as `tinytap/body`
 * does. Rejects as `read` does.
 */
export function decodeBody(
  headers: readonly Header[],
  body: Body,
  read: (start: number, end: number) => Promise<BodyResult>,
  limits: Limits = usualLimits,
): Promise<Decoded> {
  const codings = body.decoded ? [] : codingsOf(headers);
  return decode(codings, () => beginning(body.size, read), limits);
}

async function* beginning(
  size: number,
  read: (start: number, end: number) => Promise<BodyResult>,
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < size;) {
    const { base64, end, missing } = await read(start, size);
    const held = (missing[0]?.start ?? end) - start;
    yield Buffer.from(base64, "base64").subarray(0, held);
    if (missing.length > 0 || end <= start) return;
    start = end;
  }
}
