/** A body as text: pieces of text and the gaps between them. */
import { clip, type Extent } from "./extents.ts";

export type TextPart = { kind: "text"; text: string } | { kind: "gap"; gap: Extent & { kind: "missing" } };

/** Decodes a body from its beginning on, as it grows: what was given stays true, and only what is new is decoded. */
export class TextDecoding {
  /** Bytes taken so far. */
  at = 0;
  readonly #decoder: ReturnType<typeof decoderFor>;

  constructor(charset: string) {
    this.#decoder = decoderFor(charset);
  }

  /**
   * Takes the body's next bytes; `more` says that it goes on after them. Each run between gaps is decoded for itself, so
   * that a character cut by a gap can't swallow what comes after it.
   */
  take(bytes: Uint8Array, extents: Extent[], more: boolean): TextPart[] {
    const start = this.at;
    const parts: TextPart[] = [];
    let text = "";
    const endText = () => {
      if (text !== "") parts.push({ kind: "text", text });
      text = "";
    };
    for (const extent of clip(extents, start, start + bytes.length)) {
      if (extent.kind === "held")
        text += this.#decoder.decode(bytes.subarray(extent.start - start, extent.end - start), {
          stream: true,
        });
      else {
        text += this.#decoder.decode();
        endText();
        parts.push({ kind: "gap", gap: extent });
      }
    }
    // Where more follows, the last character may be cut: it waits rather than being shown broken.
    if (!more) text += this.#decoder.decode();
    endText();
    this.at = start + bytes.length;
    return parts;
  }
}

/** Indentation costs the square of the depth: what is nested deeper stays as it was sent. */
const deepest = 200;

/**
 * Re-indented JSON, or undefined when it isn't JSON. Only white space changes: parsing and printing would round long
 * numbers and drop repeated names, and show what was never sent.
 */
export function prettyJson(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? [];
  let result = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [i, token] of tokens.entries()) {
    if (token === "{" || token === "[") {
      if (++depth > deepest) return undefined;
      const empty = tokens[i + 1] === "}" || tokens[i + 1] === "]";
      result += empty ? token : token + line();
    } else if (token === "}" || token === "]") {
      depth--;
      const empty = tokens[i - 1] === "{" || tokens[i - 1] === "[";
      result += empty ? token : line() + token;
    } else if (token === ",") result += token + line();
    else if (token === ":") result += ": ";
    else result += token;
  }
  return result;
}

function decoderFor(charset: string) {
  try {
    return new TextDecoder(charset);
  } catch {
    // A name that no decoder knows.
    return new TextDecoder();
  }
}
