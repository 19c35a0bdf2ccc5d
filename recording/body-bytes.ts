/** A recorded body's bytes, decoded as they are asked for. */
import type { Bytes } from "./bytes.ts";
import { LongString } from "./json.ts";
import { LongText } from "./long-text.ts";

export interface BodySource {
  size(): Promise<number>;
  /** Those of `[start, end)`, as far as there are any. */
  read(start: number, end: number): Promise<Buffer>;
}

export type Encoding = "utf8" | "base64";

/** `text`: as it stands in the JSON. */
export function textBody(text: string | LongString, encoding: Encoding, file: Bytes): BodySource {
  if (text instanceof LongString) return new LongText(text, encoding, file);
  return bytesBody(Buffer.from(text, encoding));
}

export function bytesBody(bytes: Buffer): BodySource {
  return {
    size: () => Promise.resolve(bytes.length),
    read: (start, end) => Promise.resolve(bytes.subarray(start, end)),
  };
}
