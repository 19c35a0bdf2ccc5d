/** Responses that are not simply the next message: interim, refusing, early, or the last before a tunnel. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { get, ok, outline, states } from "./messages.ts";
import { run, Script } from "./script.ts";

test("100 Continue and 103 Early Hints complete nothing", () => {
  const script = new Script()
    .read("PUT /u HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
    .write("HTTP/1.1 100 Continue\r\n\r\n")
    .read("data")
    .write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    .write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  const { exchanges, body } = run(script.events);
  assert.deepEqual(
    exchanges.map(({ state, response }) => [state, response?.status]),
    [["complete", 201]],
  );
  assert.equal(body(0, "request"), "data");
});

test("a refused Expect: 100-continue: the next request may come in place of the body", () => {
  const script = new Script()
    .read("PUT /u HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 400\r\n\r\n")
    .write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
    .read(get("/next"))
    .write(ok("x"));
  assert.deepEqual(outline(script), ["closed /u 413 ", "complete /next 200 x"]);
});

test("an early response: the exchange is complete when the request's body is", () => {
  const script = new Script()
    .read("POST /u HTTP/1.1\r\nContent-Length: 8\r\n\r\nhalf")
    .write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  assert.deepEqual(states(script), ["in-flight"]);
  script.read("half");
  assert.deepEqual(states(script), ["complete"]);
});

test("a tunnel ends HTTP on the connection, and a refused one doesn't", () => {
  const connect = new Script()
    .read("CONNECT a:443 HTTP/1.1\r\n\r\n")
    .write("HTTP/1.1 200 OK\r\n\r\n")
    .read("\x16\x03\x01");
  assert.deepEqual(outline(connect), ["complete a:443 200 "]);
  const refused = new Script()
    .read("CONNECT a:443 HTTP/1.1\r\n\r\n")
    .write("HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno")
    .read(get("/"))
    .write(ok("x"));
  assert.deepEqual(outline(refused), ["complete a:443 407 no", "complete / 200 x"]);
});
