/** Recordings beside what is captured: opened once, with rows of their own, and what of the window can be saved as one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Exchanges } from "../../../extension/model/exchanges.ts";
import { recordingText, recordingTooltip } from "../../../extension/model/recording-text.ts";
import { RecordedRows } from "../../../extension/model/recorded-rows.ts";
import { Recordings, type RecordedSource } from "../../../extension/model/recordings.ts";
import { mostRows, rowsOf, rowsPerStep, RowWindow } from "../../../extension/model/row-window.ts";
import { fileNameOf, saveScopes } from "../../../extension/model/save-scope.ts";
import { failureText, savedText } from "../../../extension/model/saving-text.ts";
import { RowList } from "../../../extension/model/row-list.ts";
import { Sources } from "../../../extension/model/sources.ts";
import type { ExchangeSummary } from "../../../protocol/exchange.ts";
import { nothingUnsearched } from "../../../protocol/search.ts";
import { put, summary } from "./summaries.ts";

class Recorded implements RecordedSource {
  readonly source = "Chrome";
  readonly problem: string | undefined;
  redacted = false;
  readonly exchanges: ExchangeSummary[];
  closed = 0;
  asked: number[] = [];

  constructor(count: number, problem?: string) {
    this.exchanges = Array.from({ length: count }, (_, i) => summary(i + 1));
    this.problem = problem;
  }

  async exchange(id: number) {
    this.asked.push(id);
    return null;
  }

  async body() {
    return { base64: "", end: 0, ranges: [], missing: [] };
  }

  async search() {
    return { hits: [], searched: 0, unsearched: nothingUnsearched };
  }

  async close() {
    this.closed++;
  }
}

const place = "file:///tmp/a.har";

test("a recording's rows are its own, found and read by their keys; once it is closed they say so", async () => {
  const sources = new Sources();
  const captured = sources.add(new Recorded(0));
  const recordings = new Recordings(sources);
  let changes = 0;
  recordings.onChange(() => changes++);
  const recorded = new Recorded(2);
  const { number } = await recordings.open(place, "a\u202e.har", async () => recorded);
  assert.equal(recordings.all[0]?.name, "a\ufffd.har");
  assert.deepEqual([number, recordings.get(`${number}:2`)?.id], [captured + 1, 2]);
  assert.deepEqual([recordings.get(`${captured}:2`), recordings.get(`${number}:3`)], [undefined, undefined]);
  await sources.exchange(`${number}:2`);
  assert.deepEqual(recorded.asked, [2]);
  await recordings.close(number);
  await recordings.close(number);
  assert.deepEqual([recordings.all.length, recorded.closed, changes], [0, 1, 2]);
  await assert.rejects(sources.exchange(`${number}:2`), /recording a\ufffd\.har was closed/);
});

test("the same file is read once, also while it is still being read; after a failure, or once closed, again", async () => {
  const recordings = new Recordings(new Sources());
  let reads = 0;
  const read = async () => (reads++, new Recorded(1));
  const [one, other] = await Promise.all([
    recordings.open(place, "a.har", read),
    recordings.open(place, "a.har", read),
  ]);
  assert.equal(one, other);
  assert.equal(await recordings.open(place, "a.har", read), one);
  assert.equal(reads, 1);
  await recordings.close(one.number);
  await assert.rejects(
    recordings.open(place, "a.har", () => Promise.reject(new Error("no such file"))),
    /no such file/,
  );
  assert.notEqual((await recordings.open(place, "a.har", read)).number, one.number);
  assert.equal(reads, 2);
});

test("each recording stands above its own rows, the last opened first; the live list below has its run's line then", async () => {
  const sources = new Sources();
  const exchanges = new Exchanges();
  const captured = sources.add(new Recorded(0));
  exchanges.begin(captured, 1000);
  put(exchanges, captured, [summary(1)]);
  const recordings = new Recordings(sources);
  const rows = new RecordedRows(recordings);
  const window = new RowWindow(new RowList(exchanges));
  assert.deepEqual([...rows.heads, ...rowsOf(window.rows(), rows.heads.length > 0)], ["1:1"]);
  await recordings.open(place, "a.har", async () => new Recorded(2));
  const { number } = await recordings.open("file:///tmp/b.har", "b.har", async () => new Recorded(1));
  assert.deepEqual(
    [...rows.heads, ...rowsOf(window.rows(), rows.heads.length > 0)],
    ["recording 3", "recording 2", "run 1000", "1:1"],
  );
  assert.deepEqual(rows.below("recording 2"), ["2:2", "2:1"]);
  assert.deepEqual([rows.below("2:1"), rows.below("run 1000"), rows.below("recording 9")], [[], [], []]);
  await recordings.close(number);
  assert.deepEqual([rows.heads, rows.below("recording 3")], [["recording 2"], []]);
});

test("of a long recording older rows come by the step, and beyond the limit one can go back to the newest", async () => {
  const recordings = new Recordings(new Sources());
  const rows = new RecordedRows(recordings);
  const recording = await recordings.open(place, "a.har", async () => new Recorded(mostRows + 50));
  const ends = () => {
    const below = rows.below("recording 1");
    return [below[0], below.at(-1), below.length];
  };
  assert.deepEqual(ends(), [`1:${mostRows + 50}`, "older 1", rowsPerStep + 1]);
  for (let shown = 0; shown < mostRows; shown += rowsPerStep) rows.showOlder(recording);
  assert.deepEqual(ends(), ["newer 1", "1:1", mostRows - rowsPerStep + 51]);
  assert.deepEqual([rows.of("newer 1"), rows.below("newer 1"), rows.of("1:1")], [recording, [], undefined]);
  assert.equal(rows.counts(recording).newer, rowsPerStep);
  rows.showNewest(recording);
  assert.deepEqual(ends(), [`1:${mostRows + 50}`, "older 1", rowsPerStep + 1]);
});

test("a recording says how many exchanges it has, and first what is wrong with it", async () => {
  const recordings = new Recordings(new Sources());
  const whole = await recordings.open(place, "a.har", async () => new Recorded(1));
  assert.equal(recordingText(whole), "1 exchange");
  assert.equal(recordingTooltip(whole), `${place}\nRecorded by Chrome; 1 exchange`);
  const problem = "malformed at byte 12\n";
  const broken = await recordings.open("x:b", "b.har", async () => new Recorded(1200, problem));
  assert.equal(recordingText(broken), "malformed at byte 12\ufffd · 1,200 exchanges");
  assert.match(recordingTooltip(broken), /1,200 exchanges\nmalformed at byte 12\ufffd$/);
});

test("a recording that was saved without credentials says so, in its row and more of it in the tooltip", async () => {
  const recorded = Object.assign(new Recorded(2), { redacted: true });
  const recording = await new Recordings(new Sources()).open(place, "a.har", async () => recorded);
  assert.equal(recordingText(recording), "2 exchanges · without credentials");
  assert.match(recordingTooltip(recording), /\nCredentials in headers were left out when it was saved\.$/);
});

test("what can be saved: all that was captured where that is more than one run, each run, each recording", async () => {
  const sources = new Sources();
  const exchanges = new Exchanges();
  const recordings = new Recordings(sources);
  const scopes = () =>
    saveScopes(exchanges, recordings).map(({ row, exchanges }) => [row, exchanges.map(({ key }) => key)]);
  assert.deepEqual(scopes(), []);
  const captured = sources.add(new Recorded(0));
  exchanges.begin(captured, 1000);
  put(exchanges, captured, [summary(1)]);
  assert.deepEqual(scopes(), [["run 1000", ["1:1"]]]);
  exchanges.end(2000, "it was stopped");
  exchanges.begin(captured, 3000);
  put(exchanges, captured, [summary(2), summary(3)]);
  await recordings.open("file:///tmp/none.har", "none.har", async () => new Recorded(0));
  await recordings.open(place, "a.har", async () => new Recorded(1));
  assert.deepEqual(scopes(), [
    [undefined, ["1:1", "1:2", "1:3"]],
    ["run 3000", ["1:2", "1:3"]],
    ["run 1000", ["1:1"]],
    ["recording 3", ["3:1"]],
  ]);
  const names = saveScopes(exchanges, recordings).map(fileNameOf);
  assert.match(names[0] ?? "", /^tinytap-\d{4}-\d\d-\d\d-\d{6}\.har$/);
  assert.equal(names.at(-1), "a-copy.har");
});

test("what was saved, and what was not, in words", () => {
  const all = { written: 1200, inFlight: 0, incomplete: 0, gone: 0 };
  assert.equal(savedText("a.har", all), "a.har has 1,200 exchanges.");
  assert.equal(
    savedText("a.har", { written: 1, inFlight: 1, incomplete: 2, gone: 3 }),
    "a.har has 1 exchange; 1 in flight are as far as they had come; of 2 some bytes are missing, as the recording says; 3 could not be saved, as nothing keeps them any more.",
  );
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  assert.equal(
    failureText("a.har", full),
    "a.har was not saved: the disk is full (ENOSPC). Nothing of it was left behind.",
  );
  assert.match(failureText("a.har", new Error("It was closed.")), /not saved: It was closed\. Nothing/);
});
