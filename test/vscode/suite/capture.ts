/** Start, stop, clear, and what happens when the helper dies. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import * as vscode from "vscode";
import { eventually, test } from "./runner.ts";
import { exchange, get, helperPid, phase, reset, serve, tinytap } from "./tinytap.ts";

test("every command of the manifest is registered", async () => {
  await tinytap();
  const registered = await vscode.commands.getCommands(true);
  const manifest = vscode.extensions.getExtension("tinytap.tinytap")?.packageJSON;
  for (const { command } of manifest.contributes.commands) assert.ok(registered.includes(command), command);
});

test("Start Capture on a process, Stop Capture, Clear", async () => {
  await reset();
  const api = await tinytap();
  const server = await serve();
  try {
    await vscode.commands.executeCommand("tinytap.start", { pid: server.pid });
    await phase("capturing");
    await get(`${server.address}/tasks?n=1`);
    const seen = await exchange("/tasks?n=1");
    assert.deepEqual(
      {
        pid: seen.pid,
        role: seen.role,
        method: seen.method,
        status: seen.status,
        missing: seen.missing,
      },
      { pid: server.pid, role: "server", method: "GET", status: 404, missing: 0 },
    );
    await vscode.commands.executeCommand("tinytap.stop");
    await phase("stopped");
    await get(`${server.address}/tasks?n=2`);
    assert.equal(
      api.exchanges().some(({ target }) => target === "/tasks?n=2"),
      false,
    );
    assert.ok(api.exchanges().length > 0, "what was captured stays after the stop");
    await vscode.commands.executeCommand("tinytap.clear");
    assert.equal(api.exchanges().length, 0);
  } finally {
    server.process.kill();
  }
});

test("Stop Capture says of what is in flight that it was stopped, not how it ended", async () => {
  await reset();
  const api = await tinytap();
  const server = await serve();
  const upload = connect(Number(new URL(server.address).port), "127.0.0.1");
  try {
    await vscode.commands.executeCommand("tinytap.start", { pid: server.pid });
    await phase("capturing");
    upload.write('POST /tasks HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{"title": "half');
    const state = () => api.exchanges().find(({ method }) => method === "POST")?.state;
    await eventually("its row", () => state() === "in-flight");
    await vscode.commands.executeCommand("tinytap.stop");
    assert.equal(api.state().phase, "stopped");
    assert.equal(state(), "stopped");
  } finally {
    upload.destroy();
    server.process.kill();
  }
});

test("a second capture keeps the rows of the first", async () => {
  await reset();
  const api = await tinytap();
  const server = await serve();
  try {
    for (const run of [1, 2]) {
      await vscode.commands.executeCommand("tinytap.start", { pid: server.pid });
      await phase("capturing");
      await get(`${server.address}/tasks?run=${run}`);
      await exchange(`/tasks?run=${run}`);
      await vscode.commands.executeCommand("tinytap.stop");
    }
    assert.deepEqual(
      api.exchanges().map(({ target }) => target),
      ["/tasks?run=1", "/tasks?run=2"],
    );
  } finally {
    server.process.kill();
  }
});

test("a helper that is killed is started again, and goes on with its targets", async () => {
  await reset();
  const server = await serve();
  try {
    await vscode.commands.executeCommand("tinytap.start", { pid: server.pid });
    await phase("capturing");
    const before = await eventually("the helper", helperPid);
    process.kill(before, "SIGKILL");
    await eventually("another helper", () => {
      const now = helperPid();
      return now !== undefined && now !== before;
    });
    await phase("capturing");
    await get(`${server.address}/tasks?n=3`);
    await exchange("/tasks?n=3");
  } finally {
    server.process.kill();
    await reset();
  }
  await eventually("the end of the helper", () => helperPid() === undefined);
});
