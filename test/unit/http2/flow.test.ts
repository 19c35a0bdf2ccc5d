/** How long a message waited for its receiver to ask for more, by whole conversations. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../http/script.ts";
import { begun, data, endStream, request, response } from "./conversation.ts";
import { frame } from "./frames.ts";

const full = 65_535;

function update(stream: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frame("windowUpdate", 0, stream, payload);
}

function windowOf(bytes: number): Buffer {
  const payload = Buffer.from([0, 4, 0, 0, 0, 0]);
  payload.writeUInt32BE(bytes, 2);
  return frame("settings", 0, 0, payload);
}

function stalls(script: ReturnType<typeof begun>): unknown[] {
  return run(script.events).exchanges.map(({ stalled }) => stalled);
}

test("a response that used up a window waited until its client asked for more of both", () => {
  const script = begun()
    .read(request(1, "/"))
    .write(response(1))
    .write(data(1, "x".repeat(full)));
  script.time += 99;
  script.read(update(1, 10));
  script.time += 199;
  script.read(update(0, 10));
  script.time += 1000; // it may go on, and has nothing to say
  script.write(data(1, "end", endStream));
  assert.deepEqual(stalls(script), [{ response: 300 }]);
});

test("an upload waited for its server, which asked for little at first", () => {
  const script = begun()
    .write(windowOf(4))
    .read(request(1, "/", 0))
    .read(data(1, "1234"));
  script.time += 49;
  script.write(update(1, 4));
  script.read(data(1, "5678"));
  script.time += 9;
  script.write(windowOf(8));
  script.read(data(1, "9", endStream)).write(response(1, endStream));
  assert.deepEqual(stalls(script), [{ request: 60 }]);
});

test("who has no more to send doesn't wait, whatever the window", () => {
  const script = begun()
    .read(request(1, "/"))
    .write(response(1))
    .write(data(1, "x".repeat(full)));
  script.time += 100;
  script.write(data(1, "", endStream));
  assert.deepEqual(stalls(script), [undefined]);
});

test("one stream's window holds up that stream alone, the connection's all that are sending", () => {
  const own = begun().read(windowOf(4)).read(request(1, "/1")).read(request(3, "/3"));
  own.write(response(1)).write(response(3)).write(data(3, "12")).write(data(1, "1234"));
  own.time += 29;
  own
    .read(update(1, 100))
    .write(data(1, "5", endStream))
    .write(data(3, "3", endStream));
  assert.deepEqual(stalls(own), [{ response: 30 }, undefined]);

  const shared = begun()
    .read(windowOf(1 << 20))
    .read(request(1, "/1"))
    .read(request(3, "/3"));
  shared
    .write(response(1))
    .write(response(3))
    .write(data(3, "1"))
    .write(data(1, "x".repeat(full - 1)));
  shared.time += 29;
  shared
    .read(update(0, 100))
    .write(data(1, "2", endStream))
    .write(data(3, "2", endStream));
  assert.deepEqual(stalls(shared), [{ response: 30 }, { response: 30 }]);
});

test("a response that still waits when its connection ends has waited until then", () => {
  const script = begun()
    .read(request(1, "/"))
    .write(response(1))
    .write(data(1, "x".repeat(full)));
  script.time += 500;
  const [stalled] = stalls(script.abort(true)) as [{ response: number }];
  assert.ok(stalled.response >= 500 && stalled.response < 510, String(stalled.response));
});

test("what streams that are over sent still counts for the connection", () => {
  const script = begun()
    .read(request(1, "/1"))
    .write(response(1))
    .write(data(1, "x".repeat(full - 1), endStream));
  script.read(request(3, "/3")).write(response(3)).write(data(3, "1"));
  script.time += 9;
  script.read(update(0, 100)).write(data(3, "2", endStream));
  assert.deepEqual(stalls(script), [undefined, { response: 10 }]);
});

test("where frames were lost nobody knows the windows, and nothing is said", () => {
  const script = begun()
    .read(request(1, "/"))
    .write(response(1))
    .write(data(1, "x".repeat(full)));
  script.time += 100;
  script.read(Buffer.concat([update(0, 9), update(0, 9)]), { holes: [[5, 20]] });
  script.read(update(1, 9)).write(data(1, "end", endStream));
  assert.deepEqual(stalls(script.close()), [undefined]);
});
