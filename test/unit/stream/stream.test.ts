import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../../../protocol/exchange.ts";
import type { Call } from "../../../helper/stream/segment.ts";
import { Stream } from "../../../helper/stream/stream.ts";
import { TestMemory } from "../memory.ts";

interface Fields {
  source?: Source;
  afterLoss?: boolean;
  time?: number;
  at?: number;
  other?: number;
  call?: Call;
}

/** What a stream hands on, as text: `|` before a call's first byte, `<length reason>` for a gap, `!` for a warning. */
class Recorder {
  text = "";
  /** Where the other direction stood, of each piece. */
  readonly others: (number | undefined)[] = [];
  readonly memory = new TestMemory();
  readonly stream: Stream;

  constructor() {
    const { slabs } = this.memory;
    this.stream = new Stream(
      {
        waiting: false,
        data: (at, length, _source, callStart) => {
          this.text += (callStart ? "|" : "") + Buffer.from(slabs.view(at, length)).toString("latin1");
          this.others.push(this.stream.other);
          return length;
        },
        gap: (length, reason) => (this.text += `<${length} ${reason}>`),
      },
      slabs,
      8 << 20,
      () => (this.text += "!"),
    );
  }

  /** A piece; with `call`, the last of a call `[start, length]`. */
  piece(seq: number, text: string, call?: [number, number], fields: Fields = {}): this {
    this.stream.push({
      kind: "segment",
      connection: 1,
      direction: "out",
      time: 0,
      began: 0,
      pid: 1,
      fd: 1,
      source: "write",
      seq: seq >>> 0,
      at: this.memory.append(Buffer.from(text)),
      length: text.length,
      afterLoss: false,
      call: call && { seq: call[0] >>> 0, length: call[1], reason: "unreadable" },
      ...fields,
    });
    // What it needs of the bytes it must hold.
    this.memory.flush();
    return this;
  }
}

const sendfile = { source: "sendfile" as Source };

test("calls in order, of one piece and of several", () => {
  const { text } = new Recorder()
    .piece(10, "abc", [10, 3])
    .piece(13, "de")
    .piece(15, "f", [13, 3])
    .piece(16, "g", [16, 1]);
  assert.equal(text, "|abc|def|g");
});

test("bytes that a call moved and no piece carries are a gap with the call's reason", () => {
  assert.equal(new Recorder().piece(0, "ab", [0, 5]).text, "|ab<3 unreadable>");
  assert.equal(new Recorder().piece(3, "de", [0, 5]).text, "<3 unreadable>de");
  assert.equal(new Recorder().piece(0, "a", [0, 1]).piece(1, "", [1, 3]).text, "|a<3 unreadable>");
});

test("what was offered beyond the accepted range is dropped, also when the next call lacks those bytes", () => {
  const recorder = new Recorder().piece(0, "abcdef", undefined, sendfile).piece(6, "", [0, 4], sendfile);
  assert.equal(recorder.piece(9, "j", [4, 6], sendfile).text, "|abcd<5 unreadable>j");
});

test("a call that moved nothing takes back what it had offered", () => {
  const recorder = new Recorder()
    .piece(0, "a", [0, 1])
    .piece(1, "xxx", undefined, sendfile)
    .piece(1, "", [1, 0], sendfile);
  assert.equal(recorder.piece(4, "", [1, 3], sendfile).text, "|a<3 unreadable>");
});

test("bytes say where the other direction stood, also when they had to wait", () => {
  const recorder = new Recorder().piece(0, "a", [0, 1], { other: 7 }).piece(1, "b", undefined, { other: 8 });
  recorder.piece(2, "c", [1, 2], { other: 8 }).piece(4, "e", [4, 1]).piece(3, "d", [3, 1], { other: 9 });
  recorder.piece(5, "fg", undefined, { ...sendfile, other: 10 }).piece(6, "", [5, 1], sendfile);
  assert.equal(recorder.text, "|a|bc|d|e|f");
  assert.deepEqual(recorder.others, [7, 8, 8, 9, undefined, 10]);
});

test("a repeated offer replaces the one before", () => {
  const recorder = new Recorder().piece(0, "old!", undefined, sendfile).piece(1, "NE", undefined, sendfile);
  assert.equal(recorder.piece(4, "", [0, 4], sendfile).text, "|oNE!");
});

test("calls out of order wait for each other", () => {
  const recorder = new Recorder().piece(0, "a", [0, 1]).piece(3, "d", [3, 1]).piece(2, "c", [2, 1]);
  assert.equal(recorder.text, "|a");
  assert.equal(recorder.piece(1, "b", [1, 1]).text, "|a|b|c|d");
});

test("a hole that no call fills becomes a gap: after a loss at once", () => {
  const recorder = new Recorder().piece(0, "a", [0, 1]).piece(5, "f", [5, 1], { afterLoss: true });
  assert.equal(recorder.text, "|a<4 ring-full>|f");
});

test("… after 32 later calls, after half a second, or at the end", () => {
  const many = new Recorder().piece(0, "a", [0, 1]);
  for (let i = 0; i < 32; i++) many.piece(5 + i, "x", [5 + i, 1]);
  assert.equal(many.text, "|a");
  assert.equal(many.piece(37, "y", [37, 1]).text, `|a<4 untraced>${"|x".repeat(32)}|y`);

  const slow = new Recorder().piece(0, "a", [0, 1]).piece(5, "f", [5, 1], { time: 100 });
  slow.stream.expire(600);
  assert.equal(slow.text, "|a");
  slow.stream.expire(601);
  assert.equal(slow.text, "|a!<4 untraced>|f");

  const ended = new Recorder().piece(0, "a", [0, 1]).piece(5, "f", [5, 1]);
  ended.stream.end();
  assert.equal(ended.text, "|a<4 untraced>|f");
});

test("a loss before the first call is a gap of unknown size", () => {
  assert.equal(new Recorder().piece(7, "a", [7, 1], { afterLoss: true }).text, "<0 ring-full>|a");
});

test("after a loss, offered bytes whose call's record may be lost are not trusted", () => {
  const recorder = new Recorder().piece(0, "a", [0, 1]).piece(1, "bcd", undefined, sendfile);
  assert.equal(recorder.piece(4, "", [1, 3], { ...sendfile, afterLoss: true }).text, "|a<3 unreadable>");
});

test("bytes that came before are dropped", () => {
  const recorder = new Recorder().piece(0, "abc", [0, 3]).piece(0, "abc", [0, 3]).piece(1, "bcde", [1, 4]);
  assert.equal(recorder.text, "|abcde");
});

test("numbers wrap, more than once: five GiB on one connection", () => {
  const recorder = new Recorder().piece(0xfffffffe, "ab", [0xfffffffe, 2]).piece(0, "cd", [0, 2]);
  assert.equal(recorder.text, "|ab|cd");
  const step = 2 ** 30;
  for (let i = 0; i < 5; i++) recorder.piece(2 + i * step, "", [2 + i * step, step]);
  recorder.piece(2 + 5 * step, "z", [2 + 5 * step, 1]);
  assert.equal(recorder.text, `|ab|cd${`<${step} unreadable>`.repeat(5)}|z`);
});

test("a call offers more than is held: the rest is a gap that says so", () => {
  const recorder = new Recorder().piece(0, "a", [0, 1]);
  const mebibyte = "x".repeat(1 << 20);
  for (let i = 0; i < 10; i++) recorder.piece(1 + (i << 20), mebibyte, undefined, sendfile);
  recorder.piece(0, "", [1, 10 << 20], sendfile);
  assert.equal(recorder.text, `|a|${"x".repeat(8 << 20)}<${2 << 20} body-limit>`);
});

test("a call that another came between: offered bytes are not believed, and nothing is accused", () => {
  const concurrent = (seq: number, length: number) => ({
    ...sendfile,
    call: { seq, length, reason: "concurrent" as const },
  });
  const offered = new Recorder().piece(0, "a", [0, 1]).piece(1, "xyz", undefined, sendfile);
  assert.equal(offered.piece(1, "", undefined, concurrent(1, 3)).text, "|a<3 concurrent>");
  const blocked = new Recorder().piece(0, "a", [0, 1]).piece(5, "", undefined, concurrent(5, 2));
  blocked.stream.expire(1000);
  assert.equal(blocked.text, "|a<4 concurrent><2 concurrent>");
});
