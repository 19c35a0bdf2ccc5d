/** What the demo shows where this machine's kernel lets nobody watch. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Entry } from "har-format";
import type { BodyFacts } from "../../recording/facts.ts";
import { record } from "../../scripts/demo/recording.ts";
import { noOtherReleases } from "../../scripts/machines/debian.ts";
import { needs } from "../../scripts/machines/system.ts";
import { ensurePackages, whyNotInstalled } from "../../scripts/packages.mjs";
import { root } from "../../scripts/paths.mjs";

const skip = (await noOtherReleases()) || ((await whyNotInstalled(() => ensurePackages(needs))) ?? false);

/** Ours, beside the response's body. */
type Recorded = Entry["response"]["content"] & Partial<{ _tinytap: BodyFacts }>;

describe("the demo's recording, made in a machine", { skip }, () => {
  let folder: string;
  let entries: Entry[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tinytap-demo-test-"));
    entries = JSON.parse(readFileSync(await record(folder), "utf8")).log.entries;
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of ["drop.png", "large.bin", "tides.txt"])
    test(`${name} is the file, by hash, and partly sent by sendfile`, () => {
      const { response } = entries.find(({ request }) => basename(request.url) === name) ?? assert.fail();
      const { text = "", encoding, _tinytap }: Recorded = response.content;
      const body = Buffer.from(text, encoding === "base64" ? "base64" : "utf8");
      assert.equal(sha256(body), sha256(readFileSync(join(root, "examples/go-files/files", name))));
      assert.deepEqual(new Set(_tinytap?.ranges.map(({ source }) => source)), new Set(["write", "sendfile"]));
    });
});

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
