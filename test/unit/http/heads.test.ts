/** What heads may look like. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { maxHead } from "../../../protocol/exchange.ts";
import { parseHead } from "../../../helper/http1/head.ts";
import { parseHeaders } from "../../../helper/http1/headers.ts";
import { growth } from "../growth.ts";
import { get, ok } from "./messages.ts";
import { run, Script } from "./script.ts";

test("heads: bare line feeds, blank lines before, folding, repeated names, latin1, odd blanks", () => {
  const head = "\r\n\nGET /\xe9 HTTP/1.1\nA:  1 \nA:\t2\nFold: x\n\t y\r\nNone:\r\n\r\n";
  for (let cut = 0; cut < head.length; cut++) {
    const script = new Script()
      .read(head.slice(0, cut) || "\r\n")
      .read(head.slice(cut))
      .write(ok(""));
    const { exchanges } = run(script.events);
    assert.equal(exchanges[0]?.request?.target, "/\xe9");
    assert.deepEqual(exchanges[0]?.request?.headers, [
      ["A", "1"],
      ["A", "2"],
      ["Fold", "x y"],
      ["None", ""],
    ]);
    assert.equal(exchanges[0]?.state, "complete");
  }
});

test("lists of transfer codings: empty items, several lines, capitals, one put on before the chunks", () => {
  for (const lines of [
    "Transfer-Encoding: chunked,\r\n",
    "Transfer-Encoding: , Chunked ,,\r\n",
    "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\nTransfer-Encoding: ,\r\n",
  ]) {
    const script = new Script().read(`POST / HTTP/1.1\r\n${lines}\r\n2\r\nok\r\n0\r\n\r\n`);
    const seen = run(script.write(ok("")).events);
    assert.deepEqual([seen.exchanges[0]?.state, seen.body(0, "request")], ["complete", "ok"], lines);
  }
});

test("what frames a message is found in any case, on folded lines, and nowhere else", () => {
  const bodies: [string, string][] = [
    ["content-LENGTH:\t2 \r\n", "ok"],
    ["Content-Length:\r\n  2\r\n", "ok"],
    ["Content-Length: 2, 2\r\nContent-Length: 2\r\n", "ok"],
    ["Transfer-Encoding: gzip,\r\n chunked\r\n", "2\r\nok\r\n0\r\n\r\n"],
    ["X: 1\r\n Transfer-Encoding: chunked\r\nX-Content-Length: 9\r\nContent-Length: 2\r\n", "ok"],
    ["Content-Lengths: 9\r\nCookie: Content-Length: 9\r\nContent-Length: 2\r\n", "ok"],
  ];
  for (const [lines, body] of bodies) {
    const script = new Script().read(`POST / HTTP/1.1\r\n${lines}\r\n${body}`).write(ok(""));
    const seen = run(script.events);
    assert.deepEqual([seen.exchanges[0]?.state, seen.body(0, "request")], ["complete", "ok"], lines);
  }
});

test("a blank line among folded ones adds nothing, and a fold may have a colon", () => {
  assert.deepEqual(parseHeaders("A: x\r\n \r\n\ty: z \r\nB\n : c\nC:\n d\n\n", 0), [
    ["A", "x y: z"],
    ["B", ": c"],
    ["C", "d"],
  ]);
});

test("a head of up to 256 KiB is whole", () => {
  const empty = get("/").length;
  for (const length of [maxHead, maxHead + 1]) {
    const head = get(`/${"x".repeat(length - empty)}`);
    const script = new Script();
    for (let at = 0; at < length; at += 10_000) script.read(head.slice(at, at + 10_000));
    const { exchanges } = run(script.write(ok("x")).events);
    assert.equal(exchanges[0]?.state, "complete");
    assert.equal(exchanges[0]?.request?.headCut, length > maxHead ? "limit" : undefined);
  }
});

test("a long head takes time in proportion to its length: blanks in a value, folded lines, empty items, no colons", () => {
  for (const repeated of [" ", " \t", "\n a", "\n ", ", ", ":", " x", "\na"]) {
    const read = (times: number) => {
      const head = `GET / HTTP/1.1\r\nTransfer-Encoding:  a${repeated.repeat(times)}b\r\n\r\n`;
      assert.ok(parseHead(head)?.headers.length);
    };
    assert.ok(growth(read, 1000, 50) < 10, JSON.stringify(repeated));
  }
});
