/** Heads of messages from the fields of their blocks (RFC 9113, section 8.3). */
import type { Header } from "../../protocol/exchange.ts";
import type { RequestHead, ResponseHead } from "../exchanges/captured-exchange.ts";
import type { Field } from "./hpack.ts";

const version = "HTTP/2";
/** What stands for a text that isn't known; no method, target or field's name is that. */
const unknown = "?";
/** Fields that say what the first line of HTTP/1 does. */
const firstLine = [":method", ":scheme", ":authority", ":path", ":status"];

export function requestHead(fields: readonly Field[]): RequestHead {
  const authority = valueOf(fields, ":authority");
  const method = valueOf(fields, ":method") ?? unknown;
  const target = valueOf(fields, ":path") ?? (method === "CONNECT" ? authority : undefined) ?? unknown;
  const headers = toHeaders(fields);
  if (authority !== undefined && !fields.some(({ name }) => name === "host"))
    headers.unshift(["host", authority]);
  return { method, target, version, headers };
}

export function responseHead(fields: readonly Field[]): ResponseHead {
  return { status: statusOf(fields), statusText: "", version, headers: toHeaders(fields) };
}

/** 0: not known. */
export function statusOf(fields: readonly Field[]): number {
  const status = valueOf(fields, ":status") ?? "";
  return /^\d{3}$/.test(status) ? Number(status) : 0;
}

/** Without those of the first line. */
export function toHeaders(fields: readonly Field[]): Header[] {
  const headers: Header[] = [];
  for (const { name, value } of fields) {
    if (name === undefined) headers.push([unknown, value ?? unknown, "unknown"]);
    else if (firstLine.includes(name)) continue;
    else if (value === undefined) headers.push([name, unknown, "unknown"]);
    else headers.push([name, value]);
  }
  return headers;
}

/** Bytes of the body that it announces. */
export function contentLength(headers: readonly Header[]): number | undefined {
  const value = headers.find(([name]) => name === "content-length")?.[1];
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

export function hasName(fields: readonly Field[], names: readonly string[]): boolean {
  return fields.some(({ name }) => name !== undefined && names.includes(name));
}

function valueOf(fields: readonly Field[], name: string): string | undefined {
  return fields.find((field) => field.name === name)?.value;
}
