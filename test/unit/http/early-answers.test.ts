/** Servers that answer before they read, on a connection that is captured from its first byte on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { get, ok, outline } from "./messages.ts";
import { drop, run, Script } from "./script.ts";

const begun = () => new Script(1, undefined, "server").fromStart();
const refusal = "HTTP/1.1 401 Who\r\nContent-Length: 2\r\n\r\nno";

test("the answer of who never reads is an exchange without a request, however the connection ends", () => {
  assert.deepEqual(outline(begun().write(refusal)), ["in-flight undefined 401 no"]);
  assert.deepEqual(outline(begun().write(refusal).close()), ["complete undefined 401 no"]);
  assert.deepEqual(outline(begun().write(refusal).abort(true)), ["complete undefined 401 no"]);
  const unframed = begun().write("HTTP/1.1 401 Who\r\n\r\nno");
  assert.deepEqual(outline(unframed.close()), ["complete undefined 401 no"]);
});

test("the request that is read behind the answer is its own, in whatever pieces; those that follow have theirs", () => {
  const asks = `POST /1 HTTP/1.1\r\nContent-Length: 2\r\n\r\nab`;
  for (let cut = 1; cut < asks.length; cut++) {
    const script = begun().write(refusal).read(asks.slice(0, cut)).read(asks.slice(cut));
    script.read(get("/2")).write(ok("two")).read(get("/3")).write(ok("three"));
    const seen = run(script.close().events);
    assert.deepEqual(outline(script), ["complete /1 401 no", "complete /2 200 two", "complete /3 200 three"]);
    assert.equal(seen.body(0, "request"), "ab");
  }
});

test("the request is read while the answer's body is on its way", () => {
  const script = begun().write("HTTP/1.1 401 Who\r\nContent-Length: 2\r\n\r\nn").read(get("/1")).write("o");
  assert.deepEqual(outline(script.read(get("/2")).write(ok("two"))), [
    "complete /1 401 no",
    "complete /2 200 two",
  ]);
});

test("a request that doesn't come to its end behind its answer is cut off", () => {
  const head = "POST /1 HTTP/1.1\r\nContent-Length: 20\r\n\r\n";
  assert.deepEqual(outline(begun().write(refusal).read(`${head}half`).close()), ["closed /1 401 no"]);
  assert.deepEqual(outline(begun().write(refusal).read(head.slice(0, 30)).close()), ["closed /1 401 no"]);
});

test("where the request was lost, no other is taken for it: what comes next can't be proved to be one", () => {
  const script = begun().write(refusal).read(get("/1")).read(get("/2")).write(ok("two"));
  const { exchanges } = run(drop(script.close().events, (index) => index === 2));
  assert.deepEqual(
    exchanges.map(({ request, response }) => [request?.target, response?.status]),
    [[undefined, 401]],
  );
});

test("what the server says to what is no request, on the connection's first bytes", () => {
  const bad = "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n";
  assert.deepEqual(outline(begun().read("nothing of the kind\r\n\r\n").write(bad).close()), [
    "complete undefined 400 ",
  ]);
});

test("in the middle of a connection a body that contains a response makes no exchange", () => {
  const script = begun();
  script.seq.out += 7;
  assert.deepEqual(outline(script.write(refusal).write("more of the body").close()), []);
});
