/** Keep-alive conversations with known truth: each request's target and each response's X-Id name their exchange. */
import assert from "node:assert/strict";
import type { Body, Exchange, Header, Role, Side } from "../../../protocol/exchange.ts";
import { bytesOf, type Seen } from "./script.ts";

export type BodyKind = "none" | "fixed" | "chunked" | "close";

export interface Turn {
  id: number;
  method: string;
  request: BodyKind;
  requestBody: Uint8Array;
  status: number;
  /** Heads before the response's own. */
  interim: number[];
  response: BodyKind;
  responseBody: Uint8Array;
  expectsContinue: boolean;
  /** Bytes per chunk. */
  chunk: number;
}

export function turn(id: number, fields: Partial<Turn> = {}): Turn {
  return {
    id,
    method: "GET",
    request: "none",
    requestBody: new Uint8Array(0),
    status: 200,
    interim: [],
    response: "fixed",
    responseBody: Buffer.from(`the body of ${id}`),
    expectsContinue: false,
    chunk: 10,
    ...fields,
  };
}

export function requestHead(turn: Turn): string {
  const expect = turn.expectsContinue ? "Expect: 100-continue\r\n" : "";
  return `${turn.method} /${turn.id} HTTP/1.1\r\nHost: h\r\n${expect}${framing(turn.request, turn.requestBody)}\r\n`;
}

export function responseHead(turn: Turn): string {
  const length =
    turn.method === "HEAD" ? "Content-Length: 999\r\n" : framing(turn.response, turn.responseBody);
  return `HTTP/1.1 ${turn.status} Fine\r\nX-Id: ${turn.id}\r\n${length}\r\n`;
}

function framing(kind: BodyKind, body: Uint8Array): string {
  if (kind === "fixed") return `Content-Length: ${body.length}\r\n`;
  return kind === "chunked" ? "Transfer-Encoding: chunked\r\n" : "";
}

/** A body as it is on the wire. */
export function wireBody(kind: BodyKind, body: Uint8Array, chunk: number): Uint8Array {
  if (kind !== "chunked") return body;
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += chunk) {
    const data = body.subarray(at, at + chunk);
    parts.push(bytesOf(`${data.length.toString(16)};x=y\r\n`), data, bytesOf("\r\n"));
  }
  return Buffer.concat([...parts, bytesOf("0\r\nX-Trailer: t\r\n\r\n")]);
}

export function requestWire(turn: Turn): Uint8Array {
  return Buffer.concat([bytesOf(requestHead(turn)), wireBody(turn.request, turn.requestBody, turn.chunk)]);
}

export function responseWire(turn: Turn): Uint8Array {
  const interim = turn.interim.map((status) => `HTTP/1.1 ${status} Wait\r\nLink: x\r\n\r\n`).join("");
  const body = wireBody(turn.response, turn.responseBody, turn.chunk);
  return Buffer.concat([bytesOf(interim + responseHead(turn)), body]);
}

/** By its request, or, of a response whose request was lost, by the response itself. */
export function idOf({ request, response }: Exchange): number {
  return Number(request?.target.slice(1) ?? header(response!.headers, "X-Id"));
}

/** No exchange has what isn't its own: heads paired rightly, every held byte true, every other byte called missing. */
export function assertSound(seen: Seen, turns: Turn[], role: Role): void {
  const ids = new Set<number>();
  seen.exchanges.forEach((exchange, index) => {
    const id = idOf(exchange);
    const truth = turns.find((turn) => turn.id === id);
    assert.ok(truth !== undefined && !ids.has(id), `exchange ${id} was said, and once`);
    ids.add(id);
    assert.equal(exchange.role, role);
    if (exchange.request !== undefined) {
      assert.equal(exchange.request.method, truth.method);
      assertBody(seen, index, exchange, "request", truth.requestBody, false);
    }
    if (exchange.response === undefined) return;
    assert.equal(header(exchange.response.headers, "X-Id"), String(id), `the response of ${id} is its own`);
    assertBody(seen, index, exchange, "response", truth.responseBody, truth.response === "close");
  });
}

function assertBody(
  seen: Seen,
  index: number,
  exchange: Exchange,
  side: Side,
  truth: Uint8Array,
  untilClose: boolean,
): void {
  const body = exchange[side]!.body;
  const bytes = Buffer.from(seen.body(index, side), "latin1");
  assert.equal(bytes.length, body.size);
  assertCovered(body);
  for (const { start, end } of body.ranges)
    assert.ok(
      bytes.subarray(start, end).equals(truth.subarray(start, end)),
      `${side} ${idOf(exchange)} is true`,
    );
  // The loss of a connection's very last record can't be noticed; only such a body's end depends on it.
  if (body.end === "complete" && !untilClose) assert.equal(body.size, truth.length);
}

/** Every byte is either held or said to be missing. */
export function assertCovered(body: Body): void {
  let at = 0;
  for (const part of [...body.ranges, ...body.missing].sort((a, b) => a.start - b.start)) {
    assert.equal(part.start, at, "ranges and missing ranges cover the body, and don't overlap");
    assert.ok(part.end > part.start);
    at = part.end;
  }
  assert.equal(at, body.size);
}

/** Nothing at all is wrong with it. */
export function isWhole(exchange: Exchange, turn: Turn): boolean {
  const { request, response, state } = exchange;
  return (
    state === "complete" &&
    request !== undefined &&
    request.body.missing.length === 0 &&
    request.body.size === turn.requestBody.length &&
    response !== undefined &&
    response.status === turn.status &&
    response.body.missing.length === 0 &&
    response.body.size === turn.responseBody.length
  );
}

function header(headers: Header[], name: string): string | undefined {
  return headers.find((item) => item[0] === name)?.[1];
}
