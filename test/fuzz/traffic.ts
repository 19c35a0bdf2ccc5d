/** The targets whose input is a conversation: whatever is said, what is shown of it adds up, and nothing stays held. */
import assert from "node:assert/strict";
import { preface } from "../../helper/http2/preface.ts";
import type { Exchange } from "../../protocol/exchange.ts";
import { missingText } from "../../protocol/reasons.ts";
import { assertCovered } from "../unit/http/conversation.ts";
import { Conversation, type Before } from "./conversation.ts";

const ends = ["closed", "aborted", "stopped", "closed"] as const;

/** The first two bytes are settings. Gives what became of each exchange. */
function converse(input: Uint8Array, before?: Before): string[] {
  const [settings = 0, how = 0] = input;
  const outcomes: string[] = [];
  const conversation = new Conversation(settings, before);
  const { capture, told } = conversation;
  const { traffic } = capture;
  conversation.play(input.subarray(2));
  conversation.end(ends[how & 3]!);
  assert.equal(traffic.inFlight, 0);
  conversation.takeChanges(Infinity);
  for (const id of told) {
    const exchange = traffic.exchange(id);
    if (exchange !== undefined) outcomes.push(assertSound(conversation, exchange));
  }
  const finished = traffic.takeFinished(Infinity);
  assertAscending(finished.exchanges.map(({ id }) => id).toSorted((a, b) => a - b));
  outcomes.push(...finished.exchanges.map((exchange) => assertSound(conversation, exchange)));
  finished.done();
  traffic.clear();
  for (const id of told) while (traffic.pin(id, false));
  assert.equal(traffic.kept, 0);
  assert.deepEqual(traffic.memory, { used: 0, pinned: 0 });
  assert.equal(capture.memory.slabs.held, 0);
  return [...outcomes, ...Object.keys(traffic.otherConnections)];
}

function assertAscending(numbers: readonly number[]): void {
  numbers.forEach((number, i) => assert.ok(i === 0 || numbers[i - 1]! < number));
}

/** Of bodies that are counted only what is missing has a place. */
function assertSound({ capture: { traffic }, areCounted }: Conversation, exchange: Exchange): string {
  assert.notEqual(exchange.state, "in-flight");
  const outcome: (string | undefined)[] = [exchange.role, exchange.state, exchange.error];
  assert.ok(exchange.duration !== undefined && exchange.duration >= 0);
  for (const side of ["request", "response"] as const) {
    const body = exchange[side]?.body;
    outcome.push(body?.end, ...new Set(body?.missing.map(({ reason }) => reason)));
    if (body === undefined) continue;
    if (areCounted) assertAscending(body.missing.flatMap(({ start, end }) => [start, end - 0.5]));
    else assertCovered(body);
    assert.notEqual(body.end, "in-flight");
    for (const { reason } of body.missing) assert.ok(reason in missingText, reason);
    if (body.sha256 !== undefined) assert.deepEqual([body.missing, body.end], [[], "complete"]);
    assertAscending(body.arrivals?.map(([start]) => start) ?? []);
    let at = 0;
    for (const part of traffic.body(exchange.id, side, 0, Infinity)) {
      assert.ok(areCounted || part.start === at);
      if ("bytes" in part) assert.equal(part.bytes.length, part.end - part.start);
      at = part.end;
    }
  }
  assert.ok(traffic.summary(exchange.id) !== undefined);
  return outcome.join();
}

export function http1(input: Uint8Array): string[] {
  return converse(input);
}

/** From the preface on. */
export function http2(input: Uint8Array): string[] {
  return converse(input, (script, asks) => script.call(asks, preface, {}));
}

/** From the answer 101 on. */
export function upgraded(input: Uint8Array): string[] {
  const upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n";
  return converse(input, (script, asks, answers) => {
    script.call(asks, `GET /socket HTTP/1.1\r\n${upgrade}`, {});
    script.call(answers, `HTTP/1.1 101 Switching Protocols\r\n${upgrade}`, {});
  });
}
