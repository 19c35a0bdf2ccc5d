/** The first bytes of a body, from whoever keeps it. */
import type { Missing } from "../../protocol/exchange.ts";
import type { BodyResult } from "../../protocol/rpc.ts";

export interface Beginning {
  /** Zero where they are missing. */
  bytes: Uint8Array;
  missing: Missing[];
}

/** `read` answers as `tinytap/body` does. Rejects as `read` does. */
export async function bodyBeginning(
  size: number,
  read: (start: number, end: number) => Promise<BodyResult>,
): Promise<Beginning> {
  const parts: Buffer[] = [];
  const missing: Missing[] = [];
  for (let start = 0; start < size;) {
    const part = await read(start, size);
    if (part.end <= start) break;
    parts.push(Buffer.from(part.base64, "base64"));
    missing.push(...part.missing);
    start = part.end;
  }
  return { bytes: Buffer.concat(parts), missing };
}
