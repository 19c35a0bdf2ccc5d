/** What the window saves, opened again: the same exchanges and bodies; and nothing half-written, however it ends. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { exchangeKey, type ExchangeKey } from "../../../extension/model/run.ts";
import { failureText } from "../../../extension/model/saving-text.ts";
import { Sources } from "../../../extension/model/sources.ts";
import { NewFile } from "../../../extension/recordings/new-file.ts";
import { writeRecording, type WriteOptions } from "../../../extension/recordings/write.ts";
import type { Exchange } from "../../../protocol/exchange.ts";
import { Recording } from "../../../recording/recording.ts";
import { bodyOf, exchange } from "../recording/exchange.ts";
import { Keeper, size } from "./keeper.ts";

const worker = new URL("../../../recording/worker.ts", import.meta.url);
const gapped = bodyOf(size, {
  ranges: [
    { start: 0, end: 5000, source: "write" },
    { start: 6000, end: size, source: "sendfile" },
  ],
  missing: [{ start: 5000, end: 6000, reason: "evicted" }],
});

let folder: string;
const path = () => join(folder, "saved.har");
before(() => (folder = mkdtempSync(join(tmpdir(), "tinytap-save-"))));
after(() => rmSync(folder, { recursive: true }));
afterEach(() => rmSync(path(), { force: true }));

const calm: Omit<WriteOptions, "sources"> = {
  redact: false,
  redacted: false,
  signal: new AbortController().signal,
  onProgress() {},
};

function keysOf(number: number, { exchanges }: Keeper): ExchangeKey[] {
  return exchanges.map(({ id }) => exchangeKey(number, id));
}

/** The body whole, as any reader of `Sources` gets it. */
async function bodyBytes(sources: Sources, key: ExchangeKey): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let start = 0; start < size;) {
    const part = await sources.body(key, { side: "response", start, end: size });
    parts.push(Buffer.from(part.base64, "base64"));
    if (part.end <= start) break;
    start = part.end;
  }
  return Buffer.concat(parts);
}

test("what is saved is opened again equal: exchanges, bodies, gaps and reasons, through one interface", async () => {
  const response = { ...exchange.response!, body: bodyOf(size) };
  const keeper = new Keeper({ response }, { response: { ...response, body: gapped } }, { state: "reset" });
  const sources = new Sources();
  const keys = keysOf(sources.add(keeper), keeper);
  const saved = await writeRecording(path(), keys, { ...calm, sources });
  assert.deepEqual(saved, { written: 3, inFlight: 0, incomplete: 1, gone: 0 });
  assert.equal(statSync(path()).mode & 0o777, 0o600);
  const recording = await Recording.open(path(), { worker });
  try {
    assert.equal(recording.problem, undefined);
    const number = sources.add(recording);
    for (const [i, key] of keys.entries()) {
      const again = exchangeKey(number, i + 1);
      assert.deepEqual(
        withoutDigest(await sources.exchange(again)),
        withoutDigest(await sources.exchange(key)),
      );
      assert.ok((await bodyBytes(sources, again)).equals(await bodyBytes(sources, key)), key);
    }
  } finally {
    await recording.close();
  }
});

test("of several helpers each exchange keeps its own other end, and none that isn't saved", async () => {
  const sources = new Sources();
  const ends = [{ otherEnd: 2 }, { otherEnd: 1 }, { otherEnd: 9 }];
  const keys = [new Keeper(...ends), new Keeper(...ends)].flatMap((keeper) =>
    keysOf(sources.add(keeper), keeper),
  );
  await writeRecording(path(), keys, { ...calm, sources });
  const recording = await Recording.open(path(), { worker });
  try {
    assert.deepEqual(
      recording.exchanges.map(({ otherEnd }) => otherEnd),
      [2, 1, undefined, 5, 4, undefined],
    );
  } finally {
    await recording.close();
  }
});

test("what is in flight is saved as far as it has come, and ends there; what nobody keeps is left out, and counted", async () => {
  const growing = { ...exchange.response!, body: bodyOf(100, { end: "in-flight" }) };
  const { duration: _, ...unended } = exchange;
  const keeper = new Keeper({ ...unended, state: "in-flight", response: growing });
  const sources = new Sources();
  const number = sources.add(keeper);
  const keys = [...keysOf(number, keeper), exchangeKey(number, 9), exchangeKey(99, 1)];
  const saved = await writeRecording(path(), keys, { ...calm, sources });
  assert.deepEqual(saved, { written: 1, inFlight: 1, incomplete: 0, gone: 2 });
  const recording = await Recording.open(path(), { worker });
  try {
    const again = await recording.exchange(1);
    assert.deepEqual([again?.state, again?.response?.body.end], ["stopped", "stopped"]);
    assert.equal(recording.exchanges[0]?.state, "stopped");
  } finally {
    await recording.close();
  }
});

test("credentials are left out where that is chosen, of headers and of the cookies read from them", async () => {
  const headers: Exchange["request"] = {
    ...exchange.request!,
    headers: [
      ["Authorization", "Bearer tea-time"],
      ["cookie", "session=tea-time"],
      ["X-Api-Key", "tea-time"],
      ["Accept", "anything"],
    ],
  };
  const keeper = new Keeper({ request: headers });
  const sources = new Sources();
  const keys = keysOf(sources.add(keeper), keeper);
  await writeRecording(path(), keys, { ...calm, sources });
  assert.match(readFileSync(path(), "utf8"), /tea-time/);
  await writeRecording(path(), keys, { ...calm, sources, redact: true });
  const text = readFileSync(path(), "utf8");
  assert.doesNotMatch(text, /tea-time/);
  assert.match(text, /anything/);
});

test("that credentials were left out is told by the recording, also when it is opened and saved again as it is", async () => {
  const redactedOf = async (options: Partial<WriteOptions>): Promise<boolean> => {
    const keeper = new Keeper({});
    const sources = new Sources();
    await writeRecording(path(), keysOf(sources.add(keeper), keeper), { ...calm, sources, ...options });
    const recording = await Recording.open(path(), { worker });
    await recording.close();
    return recording.redacted;
  };
  assert.equal(await redactedOf({}), false);
  assert.equal(await redactedOf({ redact: true }), true);
  assert.equal(await redactedOf({ redacted: true }), true);
});

test("cancelled, refused or without anything to write, nothing is left behind, and what was there stays", async () => {
  writeFileSync(path(), "as it was");
  const keeper = new Keeper({}, {});
  const sources = new Sources();
  const keys = keysOf(sources.add(keeper), keeper);
  const cancellation = new AbortController();
  const onProgress = (done: number) => {
    if (done === 1) cancellation.abort();
  };
  const cancelled = { ...calm, sources, signal: cancellation.signal, onProgress };
  await assert.rejects(writeRecording(path(), keys, cancelled), /abort/);
  await assert.rejects(writeRecording(path(), [exchangeKey(99, 1)], { ...calm, sources }), /no longer kept/);
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  await assert.rejects(
    NewFile.make(path(), async (file) => {
      await file.append(["half"]);
      throw full;
    }),
    full,
  );
  await assert.rejects(writeRecording(join(folder, "none/a.har"), keys, { ...calm, sources }), /ENOENT/);
  assert.equal(readFileSync(path(), "utf8"), "as it was");
  assert.deepEqual(readdirSync(folder), ["saved.har"]);
});

test("on a disk that is full it is said in words, what was there stays, and nothing else is left", (t) => {
  const disk = join(folder, "disk");
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], { stdio: "pipe" });
  } catch {
    rmSync(disk, { recursive: true });
    return t.skip("no small file system can be mounted here");
  }
  return saveOn(disk).finally(() => {
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true });
  });
});

async function saveOn(disk: string): Promise<void> {
  const file = join(disk, "saved.har");
  writeFileSync(file, "as it was");
  const response = { ...exchange.response!, body: bodyOf(size) };
  const keeper = new Keeper(...Array.from({ length: 20 }, () => ({ response })));
  const sources = new Sources();
  const saving = writeRecording(file, keysOf(sources.add(keeper), keeper), { ...calm, sources });
  const failure: unknown = await saving.then(
    () => assert.fail("it was saved"),
    (error: unknown) => error,
  );
  assert.match(failureText("saved.har", failure), /the disk is full \(ENOSPC\)/);
  assert.equal(readFileSync(file, "utf8"), "as it was");
  assert.deepEqual(readdirSync(disk), ["saved.har"]);
}

/** A digest is of what is in memory: no recording has one. */
function withoutDigest(exchange: Exchange | null): unknown {
  return JSON.parse(
    JSON.stringify(exchange, (key, value: unknown) => (key === "sha256" || key === "id" ? undefined : value)),
  );
}
