/** A recording of 500 MB: what opening it takes beside reading its bytes, in time and memory; and how soon it is cancelled. */
import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileBytes } from "../../recording/bytes.ts";
import { Recording } from "../../recording/recording.ts";

const worker = new URL("../../recording/worker.ts", import.meta.url);
const wanted = 500e6;
const mebibyte = 1024 * 1024;

export async function measureOpening(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tinytap-open-"));
  try {
    const path = join(folder, "large.har");
    await write(path);
    const reading = await took(() => read(path));
    const before = process.memoryUsage().rss;
    let peak = before;
    const onProgress = () => (peak = Math.max(peak, process.memoryUsage().rss));
    let recording: Recording | undefined;
    const opening = await took(async () => (recording = await Recording.open(path, { worker, onProgress })));
    onProgress();
    const { exchanges = [], problem } = recording ?? {};
    await recording?.close();
    if (problem !== undefined) throw new Error(problem);
    const { size } = statSync(path);
    console.log(`\nA recording of ${(size / 1e6).toFixed(0)} MB, ${exchanges.length} exchanges`);
    console.table({
      "opening beside reading its bytes": ratio(opening, reading),
      "memory beside the file": ratio(peak - before, size),
      "memory, MiB": ((peak - before) / mebibyte).toFixed(0),
      "from Cancel to its end, beside opening": ratio(await cancelled(path), opening),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Bodies as servers send them: JSON, pages and pictures; and one that is a tenth of the file. */
async function write(path: string): Promise<void> {
  const json = JSON.stringify({ id: 4711, name: "kettle", tags: ["tea", "\u00e9t\u00e9"] });
  const page = '<p class="item">One two three four five six seven eight nine ten</p>\n';
  const bodies = [
    { text: json.repeat(40) },
    { text: json.repeat(1000) },
    { text: page.repeat(600) },
    { text: Buffer.alloc(150_000, "tides").toString("base64"), encoding: "base64" },
  ];
  const entry = (content: object, i: number): string => {
    const headers = Array.from({ length: 12 }, (_, n) => ({
      name: `x-header-${n}`,
      value: `${i} ${n}`.repeat(4),
    }));
    const request = { method: "GET", url: `https://shop.test/items/${i}`, headers };
    return JSON.stringify({ request, response: { status: 200, headers, content } });
  };
  const file = createWriteStream(path);
  file.write('{"log":{"version":"1.2","entries":[\n');
  file.write(entry({ text: "All the tides. ".repeat(wanted / 150) }, 0));
  for (let i = 1; file.bytesWritten + file.writableLength < wanted; i++)
    if (!file.write(`,\n${entry(bodies[i % bodies.length]!, i)}`)) await once(file, "drain");
  file.end("]}}\n");
  await once(file, "close");
}

async function read(path: string): Promise<void> {
  const file = await FileBytes.open(path);
  for (let at = 0; at < file.size; at += mebibyte) await file.read(at, mebibyte);
}

/** Milliseconds from a cancel half-way until its thread has ended. */
async function cancelled(path: string): Promise<number> {
  const cancellation = new AbortController();
  let at = 0;
  const onProgress = (done: number, size: number) => {
    if (done < size / 2 || cancellation.signal.aborted) return;
    at = performance.now();
    cancellation.abort();
  };
  const outcome = await Recording.open(path, { worker, onProgress, signal: cancellation.signal }).then(
    () => "opened",
    () => "cancelled",
  );
  if (outcome !== "cancelled") throw new Error("it was opened before it could be cancelled");
  return performance.now() - at;
}

/** Milliseconds. */
async function took(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function ratio(one: number, other: number): string {
  return (one / other).toFixed(2);
}
