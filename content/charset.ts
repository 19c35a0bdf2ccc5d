/** The charset of a text: as browsers find it, and where they would guess, a plain word. */
import type { MediaType } from "./headers.ts";

export interface Charset {
  /** As TextDecoder names it, e.g. `utf-8`, `windows-1252`. */
  label: string;
  /** What told: `declaration` stands in the text itself; `assumed`: nothing told, and it isn't UTF-8. */
  by: "mark" | "header" | "declaration" | "bytes" | "assumed";
}

/** Bytes in which browsers look for a declaration. */
const declarationLimit = 1024;

/** `sample`: the body's first bytes; a character cut by its end is no fault. */
export function charsetOf(sample: Uint8Array, { name, parameters }: MediaType): Charset {
  const mark = byteOrderMark(sample);
  if (mark !== undefined) return { label: mark, by: "mark" };
  const named = labelOf(parameters.get("charset"));
  if (named !== undefined) return { label: named, by: "header" };
  const declared = declaration(sample, name);
  if (declared !== undefined) return { label: declared, by: "declaration" };
  if (isUtf8(sample)) return { label: "utf-8", by: "bytes" };
  return { label: "windows-1252", by: "assumed" };
}

/**
 * As `charsetOf`, by the sources of the body's ranges too: the text of another program's recording is in UTF-8, whatever it
 * was when it was sent.
 */
export function charsetOfBody(
  sample: Uint8Array,
  type: MediaType,
  ranges: readonly { source: string }[],
): Charset {
  const isRecorded = ranges.some(({ source }) => source === "recorded") && isUtf8(sample);
  return isRecorded ? { label: "utf-8", by: "header" } : charsetOf(sample, type);
}

/** What isn't of the charset is U+FFFD. Bytes that a mark at the beginning takes are left out. */
export function decodeText(bytes: Uint8Array, label: string): string {
  const decoder = new TextDecoder(label);
  // As a stream: without, Node 20 takes windows-1252 for ISO-8859-1.
  return decoder.decode(bytes, { stream: true }) + decoder.decode();
}

export function isUtf8(sample: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function byteOrderMark([a, b, c]: Uint8Array): string | undefined {
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a === 0xff && b === 0xfe) return "utf-16le";
  return undefined;
}

function declaration(sample: Uint8Array, type: string): string | undefined {
  const head = String.fromCharCode(...sample.subarray(0, declarationLimit));
  if (head.startsWith("\0<\0?")) return "utf-16be";
  if (head.startsWith("<\0?\0")) return "utf-16le";
  const xml = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["']/.exec(head)?.[1];
  const isHtml =
    type === "text/html" || /^\s*<(?:!doctype\s+)?html[\s>]/i.test(head.replaceAll(/<!--[^]*?-->/g, ""));
  const html = isHtml ? /<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(head)?.[1] : undefined;
  const label = labelOf(xml ?? html);
  // It was read as ASCII: so it can't be true.
  return label?.startsWith("utf-16") ? "utf-8" : label;
}

function labelOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  try {
    return new TextDecoder(name).encoding;
  } catch {
    return undefined;
  }
}
