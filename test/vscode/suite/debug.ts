/** The debug companion with real debuggers: Delve and js-debug. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { test } from "./runner.ts";
import { configure, debug, exchange, get, phase, reset, tinytap } from "./tinytap.ts";

/** Debugs, requests the large file, and ends: the capture must have come and gone with the session. */
async function captureLargeFile(options: vscode.DebugSessionOptions): Promise<void> {
  await reset();
  const address = await debug("go", options);
  const body = await get(`${address}/files/large.bin`);
  assert.equal(body.length, 1024 * 1024);
  const seen = await exchange("/files/large.bin");
  assert.deepEqual(
    { role: seen.role, status: seen.status, size: seen.size, missing: seen.missing },
    { role: "server", status: 200, size: body.length, missing: 0 },
  );
  // The very first request was seen: the probes were on before the server listened.
  await exchange("/up");
  await vscode.debug.stopDebugging();
  await phase("stopped");
}

test("Delve: a debugged Go server is captured with the body that sendfile sent", () => captureLargeFile({}));

test("Delve: Run Without Debugging is captured too", () => captureLargeFile({ noDebug: true }));

test("js-debug: a debugged Node server is captured", async () => {
  await reset();
  const address = await debug("node");
  const response = await fetch(`${address}/tasks`, { method: "POST", body: '{"title":"drip"}' });
  assert.equal(response.status, 201);
  await response.arrayBuffer();
  const seen = await exchange("/tasks");
  assert.deepEqual(
    { role: seen.role, method: seen.method, status: seen.status },
    { role: "server", method: "POST", status: 201 },
  );
  await exchange("/up");
  await vscode.debug.stopDebugging();
  await phase("stopped");
});

test("with sendfile off, the body is a gap and the rest is unaffected", async () => {
  await reset();
  await configure("sendfile", "off");
  const address = await debug("go");
  await get(`${address}/files/large.bin`);
  const file = await exchange("/files/large.bin");
  // Go may send the first 512 bytes, by which it tells the type, with the head.
  const size = 1024 * 1024;
  assert.equal(file.size, size);
  assert.ok(file.missing === size || file.missing === size - 512, String(file.missing));
  await get(`${address}/api/hello`);
  assert.equal((await exchange("/api/hello")).missing, 0);
  await reset();
});

test("F5 twice: the second session's rows come behind the first one's, and the debugger's own are none", async () => {
  await reset();
  const api = await tinytap();
  for (const session of [1, 2]) {
    const address = await debug("node");
    await get(`${address}/tasks?session=${session}`);
    await exchange(`/tasks?session=${session}`);
    await vscode.debug.stopDebugging();
    await phase("stopped");
  }
  const targets = api.exchanges().map(({ target }) => target ?? "");
  const own = targets.filter((target) => target.includes("session="));
  assert.deepEqual(own, ["/tasks?session=1", "/tasks?session=2"]);
  assert.deepEqual(
    targets.filter((target) => !/^\/(tasks|up)/.test(target)),
    [],
  );
});

test("tinytap.debug.capture: a workspace can say never for itself, but not always against the user's never", async () => {
  const settings = () => vscode.workspace.getConfiguration("tinytap");
  const workspace = (value: string | undefined) =>
    settings().update("debug.capture", value, vscode.ConfigurationTarget.Workspace);
  const api = await tinytap();
  try {
    for (const [user, own] of [
      [undefined, "never"],
      ["never", "always"],
    ] as const) {
      await reset();
      await configure("debug.capture", user);
      await workspace(own);
      const address = await debug("node");
      await get(`${address}/tasks`);
      assert.deepEqual([api.state().phase, api.exchanges()], ["stopped", []]);
    }
  } finally {
    await workspace(undefined);
    await reset();
  }
});

test("tinytap.debug.capture: never means never", async () => {
  await reset();
  await configure("debug.capture", "never");
  const address = await debug("go");
  await get(`${address}/api/hello`);
  const api = await tinytap();
  assert.equal(api.state().phase, "stopped");
  assert.equal(api.exchanges().length, 0);
  await reset();
});
