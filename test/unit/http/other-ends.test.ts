/** Exchanges of which both ends are watched: each is captured twice, and either knows the other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectionOpened } from "../../../helper/stream/segment.ts";
import { record } from "../http2/recording.ts";
import { idOf } from "./conversation.ts";
import { get, ok } from "./messages.ts";
import { randomConversation } from "./random-conversation.ts";
import { Random } from "./random.ts";
import { Capture, drop, run, Script, type ScriptEvent, type Seen } from "./script.ts";

const otherDirection = { in: "out", out: "in" } as const;

/** As the other end of the connection has it. */
function mirrored(event: ScriptEvent): ScriptEvent {
  const connection = event.connection + 1000;
  switch (event.kind) {
    case "opened":
      return { ...event, connection, pid: 43, local: event.remote, remote: event.local, role: undefined };
    case "segment":
      return { ...event, connection, pid: 43, direction: otherDirection[event.direction] };
    case "ended":
    case "closed": {
      const numbers = { in: event.numbers.out, out: event.numbers.in };
      if (event.kind === "closed") return { ...event, connection, numbers };
      return { ...event, connection, numbers, direction: otherDirection[event.direction] };
    }
  }
}

/** The events of both ends, in the order of their times. `lossy`: what comes of one end's. */
function bothEnds(
  events: readonly ScriptEvent[],
  lossy = (end: readonly ScriptEvent[]) => end,
): ScriptEvent[] {
  return [...lossy(events), ...lossy(events.map(mirrored))].toSorted((a, b) => a.time - b.time);
}

/** As many exchanges as know their other end, which is theirs. */
function pairedIn({ exchanges }: Seen, nameOf: (exchange: Seen["exchanges"][number]) => unknown): number {
  const paired = exchanges.filter(({ otherEnd }) => otherEnd !== undefined);
  for (const exchange of paired) {
    const other = exchanges.find(({ id }) => id === exchange.otherEnd);
    assert.equal(other?.otherEnd, exchange.id);
    assert.notEqual(other.role, exchange.role);
    assert.equal(nameOf(other), nameOf(exchange));
  }
  return paired.length;
}

test("random conversations on both ends: every exchange knows its own other end", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const { turns, events } = randomConversation(new Random(seed));
    assert.equal(pairedIn(run(bothEnds(events), { memory: 8 }), idOf), 2 * turns.length, `seed ${seed}`);
  }
});

test("where records of either end were lost, none takes another's for its own", () => {
  let paired = 0;
  let all = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const random = new Random(seed);
    const { events } = randomConversation(random);
    const lossy = bothEnds(events, (end) => drop(end, () => random.chance(0.05)));
    const seen = run(lossy, { memory: 8 });
    paired += pairedIn(seen, idOf);
    all += seen.exchanges.length;
  }
  // Guards against being right by pairing nothing.
  assert.ok(paired > all / 2, `${paired} of ${all}`);
});

test("HTTP/2: by stream and place; who is attached to in the middle knows it as well", async () => {
  const { script, truths } = await record("server", 7, 20);
  const asked = [...truths.values()].filter(({ pushed }) => !pushed).length;
  const target = ({ request }: Seen["exchanges"][number]) => request?.target;
  const events = bothEnds(script.events);
  assert.equal(pairedIn(run(events, { memory: 32 }), target), 2 * asked);
  const isEarly = (event: ScriptEvent, i: number) =>
    event.connection > 1000 && event.kind === "segment" && i < events.length / 2;
  const late = pairedIn(
    run(
      events.filter((event, i) => !isEarly(event, i)),
      { memory: 32 },
    ),
    target,
  );
  assert.ok(late > 0 && late < 2 * asked, `${late} of ${2 * asked}`);
});

test("in another network, by numbers of our own, or for another request none is the other end", () => {
  const script = () => new Script().read(get("/a")).write(ok("x"));
  const [opened, ...rest] = script().events.map(mirrored);
  const pairedWith = (...others: ScriptEvent[]) => pairedIn(run([...script().events, ...others]), () => "");
  const change = (more: Partial<ConnectionOpened>) => ({ ...(opened as ConnectionOpened), ...more });
  assert.equal(pairedWith(opened!, ...rest), 2);
  assert.equal(pairedWith(change({ netns: 2 }), ...rest), 0);
  assert.equal(pairedWith(change({ remote: "127.0.0.2:8080" }), ...rest), 0);
  assert.equal(pairedWith(change({ isNumberedByTcp: false }), ...rest), 0);
  const another = new Script().read(get("/b")).write(ok("x"));
  assert.equal(pairedWith(...another.events.map(mirrored)), 0);
});

test("an exchange that is no longer kept is nobody's other end", () => {
  const capture = new Capture();
  const { events } = new Script().read(get("/a")).write(ok("x"));
  for (const event of events) capture.push(event);
  capture.traffic.clear();
  for (const event of events.map(mirrored)) capture.push(event);
  assert.deepEqual(
    [capture.traffic.exchange(1), capture.traffic.exchange(2)?.otherEnd],
    [undefined, undefined],
  );
});
