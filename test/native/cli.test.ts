/** The command line's answers to what can't be done: one clear message, no stack, and the exit code. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { dist } from "../../scripts/paths.mjs";

function tinytap(...args: string[]): { code: number | null; out: string; words: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, "cli.cjs"), ...args], {
    encoding: "utf8",
    timeout: 30_000,
  });
  return { code: status, out: stdout, words: stderr };
}

const wrong: [words: RegExp, ...args: string[]][] = [
  [/^tinytap: say what to capture: --pid, --port or -- COMMAND\n/, "capture"],
  [/^tinytap: --pid takes a whole number from 1 to 4194304, not "abc"\n/, "capture", "--pid", "abc"],
  [
    /^tinytap: --format takes one of text, jsonl, har, not "xml"\n/,
    "capture",
    "--format",
    "xml",
    "--pid",
    "1",
  ],
  [
    /^tinytap: --ring takes one of 1, 2, 4, 8, 16, 32, 64, not "3"\n/,
    ...["capture", "--ring", "3", "--pid", "1"],
  ],
  [/^tinytap: Unknown option '--bogus'\n/, "capture", "--bogus"],
  [/^tinytap: there is no command after --\n/, "capture", "--"],
  [/^tinytap: there is no command "watch"\n/, "watch"],
];
for (const [words, ...args] of wrong)
  test(`a wrong command line: tinytap ${args.join(" ")}`, () => {
    const answer = tinytap(...args);
    assert.match(answer.words, words);
    assert.match(answer.words, /\nUsage:\n/);
    assert.equal(answer.code, 2);
  });

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
