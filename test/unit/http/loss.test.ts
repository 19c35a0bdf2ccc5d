import assert from "node:assert/strict";
import { test } from "node:test";
import type { Role } from "../../../protocol/exchange.ts";
import type { Direction } from "../../../helper/stream/segment.ts";
import {
  assertSound,
  idOf,
  isWhole,
  requestHead,
  requestWire,
  responseHead,
  responseWire,
  turn,
  wireBody,
  type Turn,
} from "./conversation.ts";
import { drop, run, Script, type CallOptions } from "./script.ts";

const body = (id: number, length: number) => Buffer.from(`<${id}>`.repeat(length)).subarray(0, length);

/** Every kind of message, one after the other on one connection. */
const turns: Turn[] = [
  turn(1, { responseBody: body(1, 200) }),
  turn(2, {
    method: "POST",
    request: "fixed",
    requestBody: body(2, 90),
    response: "chunked",
    responseBody: body(2, 50),
  }),
  turn(3, { method: "HEAD", responseBody: Buffer.alloc(0) }),
  turn(4, {
    method: "PUT",
    request: "chunked",
    requestBody: body(4, 60),
    expectsContinue: true,
    interim: [100],
  }),
  turn(5, { status: 304, response: "none", responseBody: Buffer.alloc(0) }),
  turn(6, { interim: [103], responseBody: body(6, 100) }),
  turn(7, { method: "DELETE", status: 204, response: "none", responseBody: Buffer.alloc(0) }),
  turn(8, { response: "chunked", responseBody: body(8, 100) }),
  turn(9, { responseBody: Buffer.from("HTTP/1.1 200 Trap\r\nX-Id: 1\r\nContent-Length: 0\r\n\r\n") }),
  turn(10, { responseBody: Buffer.from("GET /11 HTTP/1.1\r\n\r\n") }),
  turn(11, { method: "POST", request: "fixed", requestBody: Buffer.from("GET /1 HTTP/1.1\r\nX: y\r\n\r\n") }),
  turn(12, { responseBody: body(12, 40) }),
];

const tame = turns.filter(({ id }) => id < 9 || id > 11);

interface Plan {
  script: Script;
  /** The exchange that each event belongs to. */
  owners: (number | undefined)[];
}

/** `split`: heads, interim heads and bodies in calls of their own, of two records each; else a call per message. */
function plan(role: Role, split: boolean, turns: Turn[]): Plan {
  const script = new Script().fromStart();
  const owners: (number | undefined)[] = [undefined];
  const [asks, answers]: Direction[] = role === "server" ? ["in", "out"] : ["out", "in"];
  const call = (direction: Direction, bytes: string | Uint8Array, id: number, options: CallOptions = {}) => {
    if (bytes.length === 0) return;
    const cuts = split && bytes.length > 40 ? [bytes.length >> 1] : [];
    script.call(direction, bytes, { source: direction === "in" ? "read" : "write", cuts, ...options });
    while (owners.length < script.events.length) owners.push(id);
  };
  for (const it of turns) {
    if (!split) {
      call(asks!, requestWire(it), it.id);
      call(answers!, responseWire(it), it.id);
      continue;
    }
    call(asks!, requestHead(it), it.id);
    for (const status of it.interim) call(answers!, `HTTP/1.1 ${status} Wait\r\n\r\n`, it.id);
    call(asks!, wireBody(it.request, it.requestBody, it.chunk), it.id);
    call(answers!, responseHead(it), it.id);
    call(answers!, wireBody(it.response, it.responseBody, it.chunk), it.id);
  }
  script.close();
  return { script, owners };
}

for (const role of ["server", "client"] as const)
  for (const split of [false, true]) {
    const name = `${role}, ${split ? "many records per message" : "one record per message"}`;

    test(`nothing lost: every exchange is whole (${name})`, () => {
      const seen = run(plan(role, split, turns).script.events);
      assertSound(seen, turns, role);
      assert.deepEqual(
        seen.exchanges.map(idOf),
        turns.map((it) => it.id),
      );
      for (const [i, exchange] of seen.exchanges.entries())
        assert.ok(isWhole(exchange, turns[i]!), `${turns[i]!.id}`);
    });

    test(`each record lost in turn: only its own exchange is harmed (${name})`, () => {
      const { script, owners } = plan(role, split, turns);
      script.events.forEach((event, index) => {
        if (event.kind !== "segment") return;
        const seen = run(drop(script.events, (i) => i === index));
        assertSound(seen, turns, role);
        for (const it of turns) {
          if (it.id === owners[index]) continue;
          const exchange = seen.exchanges.find((one) => idOf(one) === it.id);
          const what = `record ${index} of ${owners[index]} lost (${event.direction}): ${it.id} is whole`;
          assert.ok(exchange !== undefined && isWhole(exchange, it), `${what}: ${JSON.stringify(exchange)}`);
        }
      });
    });

    test(`any two records lost: nothing is wrongly attributed (${name})`, () => {
      // A body that itself looks like a head is told from one only while a single record is lost.
      const { script } = plan(role, split, tame);
      for (let a = 1; a < script.events.length; a++)
        for (let b = a + 1; b < Math.min(a + 24, script.events.length); b++)
          assertSound(run(drop(script.events, (i) => i === a || i === b)), tame, role);
    });
  }

test("the end of a lost request's body that looks like a method and a target: the next request's line is not taken for theirs", () => {
  const script = new Script().fromStart();
  const lost = "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n0123456789";
  script.call("in", lost, { source: "read" });
  const events = [...drop(script.events, () => true)];
  const before = script.events.length;
  // An early answer: when the body's end comes, both directions have stood still.
  script.call("out", "HTTP/1.1 200 Fine\r\nX-Id: 1\r\nContent-Length: 0\r\n\r\n", { source: "write" });
  script.call("in", "p 34567890", { source: "read" });
  script.call("in", "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n", { source: "read" });
  script.call("out", "HTTP/1.1 200 Fine\r\nX-Id: 2\r\nContent-Length: 0\r\n\r\n", { source: "write" });
  script.close();
  events.push(...script.events.slice(before));
  const { exchanges } = run(events);
  assert.deepEqual(
    exchanges.map(({ request }) => request?.method).filter((method) => method === "p"),
    [],
    JSON.stringify(exchanges),
  );
});
