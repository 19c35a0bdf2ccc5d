/** The same load into each format: every exchange is there, and no file declares what it doesn't hold. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { Capture, type Line } from "./harness/capture.ts";
import type { Received } from "./harness/client.ts";
import { nothingShort, shortfall } from "./harness/compare.ts";
import { readHar } from "./harness/har.ts";
import { load, loadSizes } from "./harness/load.ts";
import { freePort, makeFiles, nginx, small } from "./harness/servers.ts";

const slow = small && "an emulated processor has no load that is a developer's";

describe("eight clients, nginx, to a file", { skip: slow }, () => {
  const files = makeFiles(loadSizes);
  const work = mkdtempSync(join(tmpdir(), "tinytap-formats-"));

  after(() => {
    files.remove();
    rmSync(work, { recursive: true });
  });

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
