/** What heads may look like. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHead } from "../../../helper/http1/head.ts";
import { get, ok, states } from "./messages.ts";
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

test("a head may have 256 KiB, not more", () => {
  const long = (length: number) => get(`/${"x".repeat(length)}`);
  const length = 250_000;
  const script = new Script();
  for (let at = 0; at < length; at += 10_000) script.read(long(length).slice(at, at + 10_000));
  script.read(long(length).slice(length)).write(ok("x"));
  assert.deepEqual(states(script), ["complete"]);
  assert.deepEqual(states(new Script().read(long(270_000)).write(ok("x"))), []);
});

test("a long head takes time in proportion to its length: blanks in a value, folded lines, empty items", () => {
  for (const repeated of [" ", " \t", "\n a", "\n ", ", ", ":", " x"]) {
    const milliseconds = (times: number): number => {
      const head = `GET / HTTP/1.1\r\nTransfer-Encoding: a${repeated.repeat(times)}b\r\n\r\n`;
      const takes = Array.from({ length: 5 }, () => {
        const began = performance.now();
        assert.ok(parseHead(head) !== undefined);
        return performance.now() - began;
      });
      return Math.min(...takes);
    };
    const [short, long] = [milliseconds(2000), milliseconds(64_000)];
    assert.ok(
      long < 32 * 8 * short,
      `${JSON.stringify(repeated)}: ${short} ms, and of 32 times as much ${long}`,
    );
  }
});
