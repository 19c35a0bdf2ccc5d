/** The command line's flags, as they are read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCommandLine, type CaptureCommand } from "../../../cli/options.ts";

test("--exclude may be given several times, and is nothing by default", () => {
  const parse = (...flags: string[]) =>
    parseCommandLine(["capture", "--pid", "7", ...flags]) as CaptureCommand;
  assert.deepEqual(parse("--exclude", "/healthz", "--exclude", "localhost:9090/metrics*").exclude, [
    "/healthz",
    "localhost:9090/metrics*",
  ]);
  assert.deepEqual(parse().exclude, []);
});
