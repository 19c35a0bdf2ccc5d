/** HAR, read as the lines that another format would have: so that it is judged by the same rules. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Facts, Line } from "./capture.ts";

interface Content {
  text?: string;
  encoding?: string;
  /** The captured bytes, where the text isn't simply them: it was decoded, or put into UTF-8. */
  _text?: string;
  _encoding?: string;
  _tinytap?: { missing: Facts["missing"]; end: Facts["end"] };
}

interface Entry {
  request: {
    method: string;
    url: string;
    headers: { name: string; value: string }[];
    bodySize: number;
    postData?: Content;
  };
  response: {
    status: number;
    headers: { name: string; value: string }[];
    bodySize: number;
    content: Content;
  };
  _tinytap: { pid: number; role: Line["role"]; end: Line["end"] };
}

/** Throws where an entry declares bytes that it neither holds nor names as missing. */
export function readHar(file: string): Line[] {
  const { log } = JSON.parse(readFileSync(file, "utf8")) as { log: { entries: Entry[] } };
  return log.entries.map((entry) => {
    const { request, response, _tinytap: ours } = entry;
    // Empty where the request was not seen.
    const target = request.url.replace(/^https?:\/\/[^/]*/, "");
    return {
      ...ours,
      start: 0,
      duration: null,
      request: {
        method: request.method,
        target,
        headers: pairs(request.headers),
        body: facts(request.postData ?? {}, Math.max(request.bodySize, 0), target),
      },
      response: {
        status: response.status,
        headers: pairs(response.headers),
        body: facts(response.content, Math.max(response.bodySize, 0), target),
      },
    };
  });
}

/** Of the bytes as they were sent, `size` of them. */
function facts({ text, encoding, _text, _encoding, _tinytap }: Content, size: number, target: string): Facts {
  const { missing, end } = _tinytap ?? { missing: [], end: "complete" };
  const coding = _text === undefined ? (encoding ?? _encoding) : _encoding;
  const held = Buffer.from(_text ?? text ?? "", coding === "base64" ? "base64" : "utf8");
  const named = missing.reduce((sum, { start, end }) => sum + end - start, 0);
  if (missing.length === 0 && held.length === size)
    return { size, end, sha256: createHash("sha256").update(held).digest("hex"), missing };
  // A gap within the text is zeros there; what is missing at the end is absent from it.
  const atEnd = missing.at(-1);
  const expected = atEnd?.end === size && held.length < size ? atEnd.start : size;
  if (named > size || held.length !== (named === size ? 0 : expected))
    throw new Error(`${target}: ${size} bytes declared, ${held.length} held, ${named} named as missing`);
  return { size, end, missing };
}

function pairs(headers: readonly { name: string; value: string }[]): [string, string][] {
  return headers.map(({ name, value }) => [name, value]);
}
