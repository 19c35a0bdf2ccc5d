/** The readers of bodies: whatever they are given, what they tell lies within it, in its order. */
import assert from "node:assert/strict";
import { parseCbor, parseMsgpack, type Values } from "../../content/binary-json.ts";
import { charsetOf, decodeText } from "../../content/charset.ts";
import { parseEventStream } from "../../content/event-stream.ts";
import { parseForm, queryOf } from "../../content/form.ts";
import { graphqlOfDocument, graphqlOfJson, graphqlOfTarget } from "../../content/graphql.ts";
import { parseGrpc } from "../../content/grpc/messages.ts";
import { codingsOf, parseMediaType } from "../../content/headers.ts";
import { parseJsonLines } from "../../content/json-lines.ts";
import { isJson, itemsOf, membersOf, prettyJson } from "../../content/json.ts";
import { kindOf } from "../../content/kind.ts";
import { parseMultipart, type Part } from "../../content/multipart.ts";
import { pictureOf } from "../../content/picture.ts";
import { parseProtobuf, protobufText, type ProtobufField } from "../../content/protobuf/by-number.ts";
import { findFrame, readFramed } from "../../content/websocket.ts";

const utf8 = new TextDecoder();

/** The places are in order, and none is beyond `most`. */
function assertOrdered(places: readonly number[], most: number): void {
  let last = 0;
  for (const place of places) {
    assert.ok(place >= last && place <= most, `${place} after ${last}, within ${most}`);
    last = place;
  }
}

/** The first byte says how they may look, and whether they begin in the middle. */
export function websocket([settings = 0, ...rest]: Uint8Array): void {
  const bytes = Uint8Array.from(rest);
  const framing = { isMasked: (settings & 1) !== 0, mayBeCompressed: (settings & 2) !== 0 };
  const first = settings & 4 ? findFrame(bytes, framing) : 0;
  assert.ok(first >= -1 && first <= bytes.length);
  if (first < 0) return;
  const from = settings & 4 ? first + 1000 : 0;
  const { messages, brokenAt = from } = readFramed(bytes.subarray(first), framing, from);
  const end = from + bytes.length - first;
  assert.ok(brokenAt >= from && brokenAt <= end);
  assertOrdered(
    messages.map(({ start }) => start),
    end,
  );
  for (const message of messages) {
    assertOrdered([message.start, message.end], end);
    assert.ok(message.payload.length <= message.end - message.start);
  }
}

export function grpc(bytes: Uint8Array): void {
  const { messages, brokenAt = bytes.length } = parseGrpc(bytes, 0x80);
  assert.ok(brokenAt <= bytes.length);
  assertOrdered(
    messages.slice(0, -1).map(({ end }) => end),
    bytes.length,
  );
  for (const message of messages) {
    assert.ok(message.bytes.length <= message.length);
    assertProtobuf(message.bytes);
  }
  assertProtobuf(bytes);
}

function assertProtobuf(bytes: Uint8Array): void {
  const fields = parseProtobuf(bytes);
  if (fields === undefined) return;
  assert.ok(countOf(fields) <= bytes.length);
  protobufText(fields);
}

function countOf(fields: readonly ProtobufField[]): number {
  return fields.reduce(
    (sum, { value }) => sum + 1 + (value.kind === "message" ? countOf(value.fields) : 0),
    0,
  );
}

/** What has come is told the same when more has come. The first byte says how much. */
export function eventStream([share = 0, ...rest]: Uint8Array): void {
  const bytes = Uint8Array.from(rest);
  const events = parseEventStream(bytes);
  assertOrdered(
    events.map(({ end }) => end),
    bytes.length,
  );
  const before = parseEventStream(bytes.subarray(0, Math.floor((bytes.length * share) / 255)));
  const whole = before.filter(({ isWhole }) => isWhole);
  // A line feed that ends the same line may still come.
  const without = (event: (typeof events)[number]) => ({ ...event, end: 0 });
  assert.deepEqual(whole.map(without), events.slice(0, whole.length).map(without));
}

/** The first line is the Content-Type. */
function split(input: Uint8Array): { type: ReturnType<typeof parseMediaType>; bytes: Uint8Array } {
  const end = input.indexOf(10);
  const line = input.subarray(0, Math.max(end, 0));
  return { type: parseMediaType(utf8.decode(line)), bytes: input.subarray(end + 1) };
}

export function multipart(input: Uint8Array): void {
  const { type, bytes } = split(input);
  const found = parseMultipart(bytes, type);
  if (found !== undefined) assertParts(found.parts, 0, bytes.length);
}

function assertParts(parts: readonly Part[], from: number, to: number): void {
  let last = from;
  for (const part of parts) {
    assertOrdered([last, part.start, part.end], to);
    last = part.end;
    if (part.parts !== undefined) assertParts(part.parts, part.start, part.end);
  }
}

export function json(bytes: Uint8Array): void {
  const text = utf8.decode(bytes);
  for (const line of parseJsonLines(text)) assert.equal(line.isJson, isJson(line.text));
  if (!isJson(text)) return assert.equal(prettyJson(text), undefined);
  const value: unknown = JSON.parse(text);
  const pretty = prettyJson(text);
  if (pretty !== undefined) assert.deepEqual(JSON.parse(pretty), value);
  const isArray = Array.isArray(value);
  assert.deepEqual(
    itemsOf(text).map((item): unknown => JSON.parse(item)),
    isArray ? value : [],
  );
  const members = [...membersOf(text)].map(([name, member]): [string, unknown] => [name, JSON.parse(member)]);
  const isObject = typeof value === "object" && value !== null && !isArray;
  assert.deepEqual(new Map(members), new Map(isObject ? Object.entries(value) : []));
}

export function msgpack(bytes: Uint8Array): void {
  assertValues(parseMsgpack(bytes), bytes.length);
}

export function cbor(bytes: Uint8Array): void {
  assertValues(parseCbor(bytes), bytes.length);
}

/** A byte's text is short, but for its indentation, at most 50 times two blanks. */
function assertValues({ texts }: Values, length: number): void {
  assert.ok(texts.join("").length <= 200 * (length + 1));
}

export function form(bytes: Uint8Array): void {
  const text = utf8.decode(bytes);
  assert.ok(parseForm(text).length <= text.split("&").length);
  parseForm(queryOf(text));
}

export function graphql(bytes: Uint8Array): void {
  const text = utf8.decode(bytes);
  graphqlOfDocument(text);
  graphqlOfTarget(text);
  for (const request of graphqlOfJson(text) ?? [])
    assert.ok(request.document !== undefined || request.extensions !== undefined);
}

/** What a body seems to be. */
export function kind(input: Uint8Array): void {
  const { type, bytes } = split(input);
  kindOf(type, bytes);
  pictureOf(bytes);
  decodeText(bytes, charsetOf(bytes, type).label);
  assert.ok(codingsOf([["content-encoding", type.name]]).every((coding) => coding !== "identity"));
}
