import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEventStream } from "../../../content/event-stream.ts";

const parse = (text: string) => parseEventStream(Buffer.from(text));

test("events as a browser dispatches them, with what it doesn't", () => {
  const text =
    "\u{feff}: hi\n\nevent: add\ndata: 73857293\n\nid: 1\r\ndata:a\rdata:  b\n\nretry: 10\ndata\n\n";
  assert.deepEqual(
    parse(text).map(({ type, data, id, retry, comments }) => ({ type, data, id, retry, comments })),
    [
      { type: "message", data: "", id: undefined, retry: undefined, comments: ["hi"] },
      { type: "add", data: "73857293", id: undefined, retry: undefined, comments: [] },
      { type: "message", data: "a\n b", id: "1", retry: undefined, comments: [] },
      { type: "message", data: "", id: undefined, retry: 10, comments: [] },
    ],
  );
});

test("what is no field is left out: unknown names, an id with NUL, a retry that is no number", () => {
  const [event] = parse("foo: 1\nid: a\0b\nretry: 1s\ndata: x\n\n");
  assert.deepEqual(event, { type: "message", data: "x", comments: [], end: 34, isWhole: true });
});

test("cut at every byte: an event is whole with its empty line, and ends behind it", () => {
  const text = "data: ä\r\n\r\ndata: b\n\n";
  const bytes = Buffer.from(text);
  const ends = [12, 21];
  for (let cut = 0; cut <= bytes.length; cut++) {
    const events = parseEventStream(bytes.subarray(0, cut));
    const whole = events.filter(({ isWhole }) => isWhole);
    // A CR is a line's end, whatever follows.
    const due = ends.filter((end) => cut >= end - (end === 12 ? 1 : 0)).length;
    assert.equal(whole.length, due, `cut at ${cut}`);
    assert.ok(events.length - whole.length <= 1);
    if (cut >= 12) assert.deepEqual([whole[0]?.data, whole[0]?.end], ["ä", 12]);
  }
});

test("a byte order mark is left out at the beginning, and nowhere else", () => {
  const [first, second] = parse("\ufeffdata: a\n\ufeff\ndata: b\n\n\ufeffdata: c\ndata: \ufeffd\n\n");
  assert.deepEqual([first?.data, second?.data], ["a\nb", "\ufeffd"]);
});
