/** The packed command line, on a PATH that has a Node and nothing to install anything with. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { which } from "../../scripts/packages.mjs";
import { packCommandLine } from "../../scripts/package/pack.ts";
import { stage } from "../../scripts/package/stage.ts";

/** The oldest at hand too, where the machine has one of its own. */
const nodes = [...new Set([process.execPath, which("node") ?? process.execPath])];

const program = `
require("node:http")
  .createServer((request, response) => response.end("a body of " + request.url))
  .listen(0, "127.0.0.1", async function () {
    await (await fetch("http://127.0.0.1:" + this.address().port + "/packed")).text();
    process.exit();
  });
`;

let folder: string;
let unpacked: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tinytap-package-"));
  const { name, commandLine } = await stage(join(folder, "staged"));
  const tarball = join(folder, `${name}.tar.gz`);
  await packCommandLine(commandLine, tarball);
  execFileSync("tar", ["--extract", "--gzip", `--file=${tarball}`, `--directory=${folder}`]);
  rmSync(join(folder, "staged"), { recursive: true });
  unpacked = join(folder, name);
  writeFileSync(join(folder, "server.cjs"), program);
});

after(() => rmSync(folder, { recursive: true, force: true }));

for (const node of nodes) {
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  describe(`the unpacked command line, on Node ${version}`, () => {
    let bin: string;

    before(() => {
      bin = join(folder, version);
      mkdirSync(bin);
      symlinkSync(node, join(bin, "node"));
      // By a link, as one would put it on PATH.
      symlinkSync(join(unpacked, "tinytap"), join(bin, "tinytap"));
      for (const name of ["dirname", "readlink", "sudo"]) {
        const path = which(name);
        if (path !== undefined) symlinkSync(path, join(bin, name));
      }
    });

    const tinytap = (...args: string[]) =>
      spawnSync(join(bin, "tinytap"), args, {
        cwd: folder,
        env: { PATH: bin },
        encoding: "utf8",
        timeout: 60_000,
      });

    test("says what it can do", () => {
      const { stdout, status } = tinytap("--help");
      assert.match(stdout, /tinytap capture/);
      assert.equal(status, 0);
    });

    test("captures a command's exchanges", (t) => {
      const { stdout, stderr, status } = tinytap(
        ...["capture", "--format", "jsonl", "--", "node", "server.cjs"],
      );
      if (/(no-root|needs root)/.test(stderr)) return t.skip("needs root, and sudo asks for a password");
      assert.equal(status, 0, stderr);
      const exchanges = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      const sha256 = createHash("sha256").update("a body of /packed").digest("hex");
      assert.ok(
        exchanges.some(({ response }) => response?.body?.sha256 === sha256),
        stdout,
      );
    });
  });
}
