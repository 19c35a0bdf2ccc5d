/** Node's own client and server are the oracle. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Exchange, Header, Role } from "../../../protocol/exchange.ts";
import { assertCovered } from "../http/conversation.ts";
import { Random } from "../http/random.ts";
import { drop, run, type ScriptEvent, type Seen } from "../http/script.ts";
import { record, type Recording, type Truth } from "./recording.ts";

const recordings: [Role, Recording][] = [];

before(async () => {
  recordings.push(["server", await record("server", 1, 60)], ["client", await record("client", 2, 60)]);
});

function toRecord(headers: readonly Header[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of headers) found[name] = name in found ? `${found[name]}; ${value}` : value;
  return found;
}

function idOf({ request, response }: Exchange): number | undefined {
  const target = request?.target ?? "?";
  if (target !== "?") return Number(target.slice(1));
  const id = response?.headers.find(([name, , unknown]) => name === "x-id" && unknown === undefined)?.[1];
  return id === undefined ? undefined : Number(id);
}

function assertWhole(seen: Seen, index: number, truth: Truth): void {
  const exchange = seen.exchanges[index]!;
  const { request, response } = exchange;
  const what = `exchange ${truth.id}`;
  assert.equal(exchange.state, truth.cancelled ? "reset" : "complete", what);
  assert.equal(exchange.error, truth.cancelled ? "CANCEL" : undefined, what);
  assert.equal(request?.method, truth.method, what);
  assert.equal(request?.version, "HTTP/2");
  assert.equal(exchange.pushed ?? false, truth.pushed, what);
  if (!truth.pushed) assert.deepEqual(toRecord(request?.headers ?? []), truth.requestHeaders, what);
  assert.equal(response?.status, truth.status, what);
  assert.deepEqual(toRecord(response?.headers ?? []), truth.responseHeaders, what);
  assert.deepEqual(toRecord(response?.trailers ?? []), truth.trailers, what);
  assert.deepEqual(exchange.interim?.map(({ status }) => status) ?? [], truth.interim, what);
  assert.equal(seen.body(index, "request"), truth.requestBody.toString("latin1"), what);
  assert.equal(seen.body(index, "response"), truth.responseBody.toString("latin1"), what);
}

/** What is shown is true: what isn't known is said to be. */
function assertSound(seen: Seen, truths: Map<number, Truth>): number {
  let whole = 0;
  seen.exchanges.forEach((exchange, index) => {
    const id = idOf(exchange);
    if (id === undefined) return;
    const truth = truths.get(id);
    assert.ok(truth !== undefined, `exchange ${id} was said`);
    for (const side of ["request", "response"] as const) {
      const message = exchange[side];
      if (message === undefined) continue;
      const headers = truth[`${side}Headers`];
      for (const [name, value, unknown] of message.headers)
        if (unknown === undefined && !truth.pushed)
          assert.ok(headers[name]?.includes(value), `${name}: ${value} of ${id} is ${headers[name]}`);
      const { body } = message;
      assertCovered(body);
      const framingLost = body.missing.find(({ reason }) => reason === "framing-lost")?.start ?? Infinity;
      const bytes = Buffer.from(seen.body(index, side), "latin1");
      for (const { start, end } of body.ranges) {
        if (start >= framingLost) break;
        const expected = truth[`${side}Body`].subarray(start, end);
        assert.ok(bytes.subarray(start, end).equals(expected), `${side} body of ${id} is true`);
      }
      if (body.end === "complete") assert.equal(body.size, truth[`${side}Body`].length, `${side} ${id}`);
    }
    const missing =
      (exchange.request?.body.missing.length ?? 0) + (exchange.response?.body.missing.length ?? 0);
    if (exchange.state === "complete" && exchange.request !== undefined && missing === 0) whole++;
  });
  return whole;
}

function assertAll(seen: Seen, truths: Map<number, Truth>): void {
  const ids = seen.exchanges.map(idOf);
  assert.deepEqual(new Set(ids), new Set(truths.keys()));
  assert.equal(ids.length, truths.size, "each of them once");
  ids.forEach((id, index) => assertWhole(seen, index, truths.get(id!)!));
}

test("heads, bodies, trailers, pushes and cancelled streams are what Node's own parser makes of the same bytes", () => {
  for (const [role, { script, truths }] of recordings) {
    const seen = run(script.events, { memory: 32 });
    assertAll(seen, truths);
    assert.ok(seen.exchanges.every((exchange) => exchange.role === role));
    const kinds = [...truths.values()];
    assert.ok(
      kinds.some(({ cancelled }) => cancelled) && kinds.some(({ pushed }) => pushed),
      "there are some of each",
    );
    assert.deepEqual(seen.traffic.otherConnections, {});
  }
});

/** Each call in several records. */
function cutUp(events: readonly ScriptEvent[], random: Random): ScriptEvent[] {
  return events.flatMap((event) => {
    if (event.kind !== "segment" || event.bytes.length < 40) return [event];
    const cut = random.int(20, event.bytes.length - 1);
    const second = { ...event, bytes: event.bytes.subarray(cut), seq: (event.seq + cut) >>> 0 };
    return [{ ...event, bytes: event.bytes.subarray(0, cut), call: undefined }, second];
  });
}

test("so they are where each call's bytes are cut anywhere", () => {
  for (const [, { script, truths }] of recordings)
    for (let seed = 1; seed <= 5; seed++)
      assertAll(run(cutUp(script.events, new Random(seed)), { memory: 32 }), truths);
});

test("attached in the middle, at each call: what is shown is true, and later exchanges are whole", () => {
  for (const [, { script, truths }] of recordings) {
    const { events } = script;
    for (let first = 2; first < events.length - 3; first += 3) {
      const seen = run([events[0]!, ...events.slice(first)], { memory: 32 });
      const whole = assertSound(seen, truths);
      const share = 1 - first / events.length;
      assert.ok(
        whole >= (truths.size * share) / 2 - 6,
        `from call ${first} of ${events.length}: ${whole} are whole`,
      );
    }
  }
});

test("each call lost in turn: what is shown is true, and few exchanges suffer", () => {
  for (const [, { script, truths }] of recordings)
    for (let lost = 1; lost < script.events.length; lost++) {
      const seen = run(
        drop(script.events, (index) => index === lost),
        { memory: 32 },
      );
      const whole = assertSound(seen, truths);
      assert.ok(whole >= truths.size * 0.7, `without call ${lost}: ${whole} of ${truths.size} are whole`);
    }
});
