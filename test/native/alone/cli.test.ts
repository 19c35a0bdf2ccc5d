/** Wrong command lines: a clear message and how it is used, before a helper is thought of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tinytap } from "../tinytap.ts";

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
