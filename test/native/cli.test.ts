/** The command line's answers to what can't be done: one clear message, no stack, and the exit code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tinytap } from "./tinytap.ts";

const impossible: [words: RegExp, ...args: string[]][] = [
  [/^tinytap: there is no process 4194000\n$/, "capture", "--pid", "4194000"],
  [/^tinytap: no process of yours listens on port 1\n$/, "capture", "--port", "1"],
  [
    /^tinytap: can't write \/nonexistent\/x: ENOENT\n$/,
    "capture",
    "--output",
    "/nonexistent/x",
    "--pid",
    "1",
  ],
  [/^capturing with .*\ntinytap: can't start "\/nonexistent": ENOENT\n$/, "capture", "--", "/nonexistent"],
];
for (const [words, ...args] of impossible)
  test(`what can't be done: tinytap ${args.join(" ")}`, () => {
    const answer = tinytap(...args);
    assert.match(answer.words, words);
    assert.equal(answer.code, 1);
  });

test("a command that ends at once ends the capture", () => {
  const { code, words } = tinytap("capture", "--", "true");
  assert.match(words, /^capturing with .*\n0 exchanges, 0 in flight, 0 bytes, nothing lost\n$/);
  assert.equal(code, 0);
});

test("a full disk is told, and ends the command", () => {
  const server =
    "const http = require('http');" +
    "const s = http.createServer((q, r) => r.end('x')).listen(0, '127.0.0.1', () => http.get(s.address()));";
  const { code, words } = tinytap(
    ...["capture", "--format", "jsonl", "--output", "/dev/full"],
    ...["--", process.execPath, "-e", server],
  );
  assert.match(words, /\ntinytap: can't write \/dev\/full: ENOSPC\n$/);
  assert.equal(code, 1);
});

test("the doctor says which sources are on", () => {
  const { code, out } = tinytap("doctor", "--json");
  const { btf, sources } = JSON.parse(out);
  assert.equal(code, 0);
  assert.equal(btf, true);
  assert.deepEqual(
    sources.map(({ name, on }: { name: string; on: boolean }) => [name, on]),
    [
      ["syscalls", true],
      ["sendpath", true],
      ["pagecache", true],
    ],
  );
});
