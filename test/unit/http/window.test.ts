/** A client that keeps requests on their way, and sends the next with each response: what shows it, once something is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { drop, run, Script } from "./script.ts";

const get = (id: number) => `GET /${id} HTTP/1.1\r\nHost: a\r\n\r\n`;
const ok = (id: number) => `HTTP/1.1 200 OK\r\nX-Id: ${id}\r\nContent-Length: 4\r\n\r\nbody`;

/** `count` exchanges by `window`, a call per message; gives them but for some requests and responses. */
function outline(
  window: number,
  count: number,
  lost: { requests?: number[]; responses?: number[] },
): string[] {
  const script = new Script();
  const gone = new Set<number>();
  let asked = 0;
  const ask = (id: number) => {
    if (lost.requests?.includes(id)) gone.add(script.events.length);
    script.read(get(id));
  };
  for (let id = 1; id <= count; id++) {
    while (asked < Math.min(count, id - 1 + window)) ask(++asked);
    if (lost.responses?.includes(id)) gone.add(script.events.length);
    script.write(ok(id));
  }
  const { exchanges } = run(drop(script.events, (index) => gone.has(index)));
  return exchanges
    .filter(({ request, response }) => request !== undefined && response !== undefined)
    .map(({ request, response }) => `${request!.target} ${response!.headers[0]![1]}`);
}

test("nothing lost: the order pairs", () => {
  for (const window of [2, 3, 6]) assert.deepEqual(outline(window, 8, {}).length, 8);
});

test("the second request is lost: the first response shows that it was on its way, and nothing is paired after it", () => {
  assert.deepEqual(outline(2, 8, { requests: [2] }), ["/1 1"]);
  assert.deepEqual(outline(3, 8, { requests: [2, 3] }), ["/1 1"]);
});

test("the first request is lost: the two behind it show it, and nothing is paired", () => {
  assert.deepEqual(outline(3, 8, { requests: [1] }), []);
});

test("a request is lost after the first ones were seen: nothing is paired after it", () => {
  assert.deepEqual(outline(2, 8, { requests: [6] }), ["/1 1", "/2 2", "/3 3", "/4 4", "/5 5"]);
});

test("a response is lost: nothing is paired after it", () => {
  assert.deepEqual(outline(2, 8, { responses: [3] }), ["/1 1", "/2 2"]);
});

test("its first requests are all lost: it is taken for a client that waits until it is seen not to", () => {
  const script = new Script();
  script.read(get(1) + get(2)).write(ok(1));
  script.read(get(3)).write(ok(2));
  // Two at once: the client had not waited.
  script.read(get(4)).read(get(5)).write(ok(3)).write(ok(4)).write(ok(5));
  script.read(get(6)).write(ok(6));
  const { exchanges } = run(drop(script.events, (index) => index === 1));
  assert.deepEqual(
    exchanges.map(({ state, request, response }) => [state, request?.target, response?.headers[0]?.[1]]),
    [
      ["complete", "/3", "2"],
      ["lost", "/4", undefined],
    ],
  );
});
