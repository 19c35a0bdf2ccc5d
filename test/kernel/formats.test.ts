/** The same load by the feed and into each format: every exchange is there, and nothing declares what it doesn't hold. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Capture, dist, listens, type Line } from "./harness/capture.ts";
import type { Received } from "./harness/client.ts";
import { nothingShort, shortfall } from "./harness/compare.ts";
import { readHar } from "./harness/har.ts";
import { load, loadSizes } from "./harness/load.ts";
import { freePort, makeFiles, nginx, small } from "./harness/servers.ts";

const slow = small && "an emulated processor has no load that is a developer's";

describe("eight clients, nginx", { skip: slow }, () => {
  const files = makeFiles(loadSizes);
  const work = mkdtempSync(join(tmpdir(), "tinytap-formats-"));

  after(() => {
    files.remove();
    rmSync(work, { recursive: true });
  });

  function server(port: number): Promise<string[]> {
    return nginx(work, [`server { listen 127.0.0.1:${port}; sendfile on; root ${files.folder}; }`]);
  }

  /** What the clients received, once the capture has ended, and its tally. */
  async function captured(format: string, file: string): Promise<{ received: Received[]; tally: string }> {
    const port = await freePort();
    const capture = await Capture.start({
      options: ["--format", format, "--output", file],
      command: await nginx(work, [`server { listen 127.0.0.1:${port}; sendfile on; root ${files.folder}; }`]),
      address: port,
      defaults: true,
    });
    try {
      const { received } = await load(port, { get: ["/f"] });
      const { tally } = await capture.stop();
      return { received, tally };
    } finally {
      await capture.stop();
    }
  }

  test("feed: a row for each, all of them complete", async () => {
    // Not with the file: a machine of the matrix has no sources but the suite's.
    const { HelperConnection } = await import("../../cli/connection.ts");
    const port = await freePort();
    const [file = "", ...args] = await server(port);
    const child = spawn(file, args, { stdio: "ignore" });
    try {
      while (!(await listens(port))) await sleep(20);
      const connection = await HelperConnection.open(dist);
      const rows = new Map<number, string>();
      connection.on("tinytap/exchanges", ({ exchanges }) => {
        for (const { id, target, status, state, missing } of exchanges)
          rows.set(id, `${target} ${status}${missing > 0 ? " incomplete" : ""} ${state}`);
      });
      await connection.initialize({ targets: [{ pid: child.pid ?? 0, children: true, descendants: true }] });
      const { received } = await load(port, { get: ["/f"] });
      const { tally } = await connection.request("tinytap/drain", null);
      await connection.close();
      assert.deepEqual(
        [...rows.values()].toSorted(),
        received.map(({ target, status }) => `${target} ${status} complete`).toSorted(),
      );
      assert.deepEqual(tally.lost, {});
    } finally {
      child.kill();
    }
  });

  test("text: a row for each, none incomplete", async () => {
    const file = join(work, "text");
    const { received, tally } = await captured("text", file);
    const rows = readFileSync(file, "utf8").trimEnd().split("\n");
    const incomplete = rows.filter((row) => row.includes("incomplete"));
    assert.equal(incomplete.length, 0, `${incomplete.length} rows like ${incomplete[0]}; ${tally}`);
    const shown = rows.map((row) => /server \d+ GET (\S+ \d+) /.exec(row)?.[1] ?? row);
    const asked = received.map(({ target, status }) => `${target} ${status}`);
    assert.deepEqual(shown.toSorted(), asked.toSorted(), tally);
  });

  const readers: Record<string, (file: string) => Line[]> = {
    jsonl: (file) =>
      readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Line),
    har: readHar,
  };
  for (const [format, lines] of Object.entries(readers))
    test(`${format}: every body by its hash`, async () => {
      const file = join(work, format);
      const { received, tally } = await captured(format, file);
      assert.deepEqual(shortfall(lines(file), received), nothingShort, tally);
    });
});
