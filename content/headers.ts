/** What a body's headers say of it. */
import type { Header } from "../protocol/exchange.ts";

/** A Content-Type. */
export interface MediaType {
  /** Lower case, without parameters; empty when there is none. */
  name: string;
  /** By their names in lower case, values without quotation marks; the first of a repeated name. */
  parameters: ReadonlyMap<string, string>;
}

export function mediaTypeOf(headers: readonly Header[]): MediaType {
  return parseMediaType(headerOf(headers, "content-type") ?? "");
}

export function parseMediaType(text: string): MediaType {
  const [name = ""] = text.split(";", 1);
  return { name: name.trim().toLowerCase(), parameters: parametersOf(text) };
}

/**
 * Those behind the first `;` of a header, e.g. of `form-data; name="a"; filename="b"`. A backslash escapes, as the standards
 * have it, or stands for itself, as browsers write it: where the value ends there otherwise.
 */
export function parametersOf(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const each =
    /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"(?=\s*(?:;|$))|"([^"]*)"(?=\s*(?:;|$))|"((?:[^"\\]|\\.)*)"?|([^;]*))/gs;
  for (const [, name = "", quoted, literal, cut, plain = ""] of text.matchAll(each)) {
    const escaped = quoted ?? cut;
    const value = escaped?.replaceAll(/\\(["\\])/g, "$1") ?? literal ?? plain.trim();
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
  }
  return parameters;
}

/** The codings in the order in which they were put on, in lower case, those left out that change nothing, or are off. */
export function codingsOf(headers: readonly Header[]): string[] {
  const content = listOf(headers, "content-encoding");
  // Chunks are taken off by who captures; where there is another transfer coding, it was put on before.
  const transfer = listOf(headers, "transfer-encoding").filter((coding) => coding !== "chunked");
  return [...content, ...transfer].filter((coding) => coding !== "identity");
}

/** The items of a header that lists them, of all its lines, in lower case. */
export function listOf(headers: readonly Header[], wanted: string): string[] {
  return headers
    .filter(([name]) => name.toLowerCase() === wanted)
    .flatMap(([, value]) => value.split(","))
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== "");
}

export function headerOf(headers: readonly Header[], wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}
