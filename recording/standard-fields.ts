/** The fields of an entry that every HAR has, whoever wrote it. */
import type { Body, Header, Request, Response, Scheme } from "../protocol/exchange.ts";
import { at, itemsAt, LongString, numberAt, stringAt, type Json } from "./json.ts";
import type { Place } from "./recorded-exchange.ts";

export function requestOf(entry: Json, target: string, body: Body): Request {
  const request = at(entry, "request");
  return {
    method: stringAt(request, "method") ?? "",
    target,
    version: stringAt(request, "httpVersion") ?? "",
    headers: headersAt(request),
    body,
  };
}

export function responseOf(entry: Json, body: Body): Response {
  const response = at(entry, "response");
  return {
    status: numberAt(response, "status") ?? 0,
    statusText: stringAt(response, "statusText") ?? "",
    version: stringAt(response, "httpVersion") ?? "",
    headers: headersAt(response),
    body,
  };
}

export function headersAt(message: Json | undefined): Header[] {
  return itemsAt(message, "headers").map((json) =>
    headerOf(stringAt(json, "name") ?? "", stringAt(json, "value") ?? "", at(json, "_unknown") === true),
  );
}

export function headerOf(name: string, value: string, isUnknown: boolean): Header {
  return isUnknown ? [name, value, "unknown"] : [name, value];
}

export function placeOf(written: Json | undefined): Place | undefined {
  const own = at(written, "_text");
  const text = own ?? at(written, "text");
  const encoding =
    (own === undefined ? stringAt(written, "encoding") : undefined) ?? stringAt(written, "_encoding");
  const name = stringAt(written, "_file");
  // Playwright leaves an empty text beside it.
  if (name !== undefined && (text === undefined || text === "")) return { kind: "file", name };
  if (typeof text !== "string" && !(text instanceof LongString)) return undefined;
  return { kind: "text", text, encoding: encoding === "base64" ? "base64" : "utf8" };
}

export function schemeOf(scheme: string | undefined): { scheme?: Scheme } {
  return scheme === "http" || scheme === "https" ? { scheme } : {};
}

export function startOf(entry: Json): number {
  const time = Date.parse(stringAt(entry, "startedDateTime") ?? "");
  return Number.isNaN(time) ? 0 : time;
}

export function isOffset(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
