/** What a body is, by its headers and its first bytes, and so how it can be shown. */
import type { Header } from "../protocol/exchange.ts";

export type Mode = "json" | "text" | "image" | "hex";

export interface Content {
  /** Lower case, without parameters; empty when there is no Content-Type. */
  mime: string;
  charset: string;
  /** The content codings, e.g. `gzip`; absent when there is none. */
  coding?: string;
}

/** `decoded`: the codings that the headers name are off the bytes. */
export function contentOf(headers: Header[], decoded = false): Content {
  const type = valueOf(headers, "content-type") ?? "";
  const mime = (type.split(";")[0] ?? "").trim().toLowerCase();
  const charset = /;\s*charset="?([\w.:-]+)/i.exec(type)?.[1] ?? "utf-8";
  const coding = valueOf(headers, "content-encoding")?.trim().toLowerCase();
  return { mime, charset, ...(coding && coding !== "identity" && !decoded ? { coding } : {}) };
}

/** The ways to show a body, the best first. `sample`: its first bytes. */
export function modesFor({ mime, coding }: Content, sample: Uint8Array): Mode[] {
  // Encoded bytes are no text and no picture, whatever they decode to.
  if (coding !== undefined) return ["hex"];
  if (mime === "image/svg+xml") return ["image", "text", "hex"];
  if (/^image\/(?:png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)$/.test(mime))
    return ["image", "hex"];
  if (/^application\/(?:[\w.-]+\+)?json$/.test(mime)) return ["json", "text", "hex"];
  const text =
    /^text\/|^application\/(?:[\w.-]+\+)?xml$|javascript$|^application\/(?:x-www-form-urlencoded|x-ndjson|yaml|toml|graphql)$/;
  if (text.test(mime)) return ["text", "hex"];
  return looksLikeText(sample) ? ["text", "hex"] : ["hex", "text"];
}

/** UTF-8 without control characters; a character cut off by the sample's end is no fault. */
function looksLikeText(sample: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: true });
    return sample.length > 0 && ![...text].some(isControl);
  } catch {
    return false;
  }
}

function isControl(character: string): boolean {
  return character < " " && !"\t\n\v\f\r\u{1b}".includes(character);
}

function valueOf(headers: Header[], name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}
