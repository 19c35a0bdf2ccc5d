/** A helper whose JavaScript has no time loses no exchange. */
import assert from "node:assert/strict";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Capture, dist } from "./harness/capture.ts";
import { nothingShort, shortfall } from "./harness/compare.ts";
import { steadyLoad } from "./harness/load.ts";
import { executable, freePort, small } from "./harness/servers.ts";

const slow = small && "an emulated processor doesn't serve a thousand requests a second";
const perSecond = 1000;
const busySeconds = 3;
/** Three quarters of the largest ring, beyond which it sheds: what the thread is busy for must be more. Bytes. */
const ringful = 48 << 20;
/** Half of them echo so much, which is moved twice. */
const upload = 34 << 10;

const folder = mkdtempSync(join(tmpdir(), "tinytap-busy-"));
after(() => rmSync(folder, { recursive: true }));

/** A build whose helper computes for some seconds, two seconds after its start, and says so. */
function busyBuild(): string {
  for (const file of globSync("*.{cjs,node,o}", { cwd: dist })) cpSync(join(dist, file), join(folder, file));
  const helper = join(folder, "helper.cjs");
  const computing = `setTimeout(() => {
    process.stderr.write("busy from now on\\n");
    for (const end = Date.now() + ${busySeconds * 1000}; Date.now() < end;);
    process.stderr.write("no longer busy\\n");
  }, 2000);\n`;
  writeFileSync(helper, computing + readFileSync(helper, "utf8"));
  return folder;
}

test("a thousand exchanges a second, JavaScript busy for three", { skip: slow }, async (context) => {
  const port = await freePort();
  const command = [await executable("go"), `127.0.0.1:${port}`, folder];
  const capture = await Capture.start({ command, address: port, dist: busyBuild(), defaults: true });
  try {
    const says = (words: string) => capture.errors.includes(words);
    let during = 0;
    const received = await steadyLoad(port, perSecond, upload, () => {
      if (says("busy from now on") && !says("no longer busy")) during++;
      return !says("no longer busy");
    });
    await sleep(100);
    const { lines, tally } = await capture.stop();
    context.diagnostic(`${received.length} exchanges, ${during} of them meanwhile; ${tally}`);
    assert.deepEqual(shortfall(lines, received), nothingShort, tally);
    assert.match(tally, /, nothing lost$/);
    // What came would have fitted into the ring: then it proves less than its title says.
    if (during * upload <= ringful)
      context.skip(`other work on this machine left room for ${during} exchanges, no more than a ring holds`);
  } finally {
    await capture.stop();
  }
});
