/** Cookies as headers bring and set them (RFC 6265): names and values as they stand there. */
import type { Header } from "../protocol/exchange.ts";

export interface Cookie {
  /** Empty where there is only a value. */
  name: string;
  value: string;
}

export interface SetCookie extends Cookie {
  /** e.g. `["Path", "/"]`, `["HttpOnly", ""]`. */
  attributes: [name: string, value: string][];
}

/** Those that a request brings. */
export function requestCookies(headers: readonly Header[]): Cookie[] {
  return valuesOf(headers, "cookie").flatMap((value) => value.split(";").flatMap((pair) => cookie(pair)));
}

/** Those that a response sets. */
export function responseCookies(headers: readonly Header[]): SetCookie[] {
  return valuesOf(headers, "set-cookie").flatMap((value) => {
    const [pair = "", ...attributes] = value.split(";");
    const parts = attributes.filter((each) => each.trim() !== "").map(parted);
    return cookie(pair).map((each) => ({ ...each, attributes: parts }));
  });
}

function cookie(pair: string): Cookie[] {
  if (pair.trim() === "") return [];
  if (!pair.includes("=")) return [{ name: "", value: pair.trim() }];
  const [name, value] = parted(pair);
  return [{ name, value }];
}

function parted(text: string): [string, string] {
  const [name = "", value = ""] = text.split(/=(.*)/s).map((part) => part.trim());
  return [name, value];
}

function valuesOf(headers: readonly Header[], wanted: string): string[] {
  return headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}
