/** Heads of messages from the fields of their blocks (RFC 9113, section 8.3). */
import type { Header, HeadCut } from "../../protocol/exchange.ts";
import type * as exchanges from "../exchanges/captured-exchange.ts";
import type { Block, Field } from "./hpack.ts";

/** What stands for a text that isn't known; no method, target or field's name is that. */
const unknown = "?";
/** Fields that say what the first line of HTTP/1 does. */
const firstLine = [":method", ":scheme", ":authority", ":path", ":status"];

/** Fields, which are made headers of when somebody asks: of most heads nobody does. */
class Fields {
  readonly version = "HTTP/2";
  readonly headCut: HeadCut | undefined;
  readonly #fields: readonly Field[];
  #headers: Header[] | undefined;

  constructor({ fields, isCut }: Block) {
    this.#fields = fields;
    this.headCut = isCut ? "limit" : undefined;
  }

  get headers(): Header[] {
    return (this.#headers ??= toHeaders(this.#fields));
  }

  /** Bytes of the body that they announce. */
  get contentLength(): number | undefined {
    const value = valueOf(this.#fields, "content-length");
    return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  }
}

export class RequestHead extends Fields implements exchanges.RequestHead {
  readonly method: string;
  readonly target: string;

  constructor(block: Block) {
    super(block);
    const { fields } = block;
    this.method = valueOf(fields, ":method") ?? unknown;
    const authority = this.method === "CONNECT" ? valueOf(fields, ":authority") : undefined;
    this.target = valueOf(fields, ":path") ?? authority ?? unknown;
  }
}

export class ResponseHead extends Fields implements exchanges.ResponseHead {
  /** 0: not known. */
  readonly status: number;
  readonly statusText = "";

  constructor(block: Block) {
    super(block);
    const { fields } = block;
    const status = valueOf(fields, ":status") ?? "";
    this.status = /^\d{3}$/.test(status) ? Number(status) : 0;
  }
}

/** Without those of the first line, but for the host that the authority is. */
export function toHeaders(fields: readonly Field[]): Header[] {
  const headers: Header[] = [];
  const authority = valueOf(fields, ":authority");
  if (authority !== undefined && !hasName(fields, ["host"])) headers.push(["host", authority]);
  for (const { name, value } of fields) {
    if (name === undefined) headers.push([unknown, value ?? unknown, "unknown"]);
    else if (firstLine.includes(name)) continue;
    else if (value === undefined) headers.push([name, unknown, "unknown"]);
    else headers.push([name, value]);
  }
  return headers;
}

export function hasName(fields: readonly Field[], names: readonly string[]): boolean {
  return fields.some(({ name }) => name !== undefined && names.includes(name));
}

function valueOf(fields: readonly Field[], name: string): string | undefined {
  return fields.find((field) => field.name === name)?.value;
}
