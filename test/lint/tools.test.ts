/** The checks that need no run of ours: types, lint, format. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { ensurePackages, which, whyNotInstalled } from "../../scripts/packages.mjs";
import { root } from "../../scripts/paths.mjs";

const bin = join(root, "node_modules/.bin");
// The tools are scripts for `node`, which on PATH may be too old for them; and oxlint looks for tsgolint there.
const env = {
  ...process.env,
  PATH: [bin, join(process.execPath, ".."), process.env["PATH"]].join(delimiter),
};

function check(command: string, args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, env, encoding: "utf8" });
  assert.equal(error, undefined);
  assert.equal(status, 0, `${command} ${args.join(" ")}\n${stdout}${stderr}`);
}

test("tsc", () => check("tsc", ["--noEmit"]));
test("tsc, webview", () => check("tsc", ["--noEmit", "-p", "webview"]));
test("oxlint", () => check("oxlint", ["--type-aware", "--deny-warnings"]));
test("prettier", () => check("prettier", ["--check", "--log-level=warn", "."]));
test("clang-format", async (t) => {
  const why = "checks the format of the C and C++ sources";
  const present = () => which("clang-format") !== undefined;
  const missing = await whyNotInstalled(() => ensurePackages([{ package: "clang-format", why, present }]));
  if (missing !== undefined) return t.skip(missing);
  check("clang-format", ["--dry-run", "-Werror", ...globSync("{bpf,native}/*.{c,h,cc}", { cwd: root })]);
});
