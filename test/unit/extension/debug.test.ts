import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { clueOf, pidInName } from "../../../extension/debug/clues.ts";
import { DebuggeeFinder, type SessionFacts } from "../../../extension/debug/debuggee-finder.ts";
import { processes, type ProcessEntry, type Processes } from "../../../extension/debug/processes.ts";

// Messages as adapters send them, cut to what matters.
const delveProcess = {
  seq: 0,
  type: "event",
  event: "process",
  body: { name: "/ws/__debug_bin1", systemProcessId: 4242, isLocalProcess: true, startMethod: "launch" },
};
const launch = (noDebug: boolean) => ({
  seq: 2,
  type: "request",
  command: "launch",
  arguments: {
    name: "Server",
    type: "go",
    request: "launch",
    program: "/ws",
    ...(noDebug ? { noDebug } : {}),
  },
});
const launchResponse = { seq: 4, type: "response", request_seq: 2, success: true, command: "launch" };
const attach = {
  seq: 2,
  type: "request",
  command: "attach",
  arguments: { request: "attach", mode: "local", processId: "77" },
};
const runInTerminal = {
  seq: 9,
  type: "request",
  command: "runInTerminal",
  arguments: { kind: "integrated", args: ["dlv"] },
};
const terminalResponse = {
  seq: 10,
  type: "response",
  success: true,
  command: "runInTerminal",
  body: { shellProcessId: 60 },
};

test("clues of messages", () => {
  assert.deepEqual(clueOf(delveProcess), { kind: "named", pid: 4242, launched: true });
  assert.equal(clueOf({ ...delveProcess, body: { ...delveProcess.body, isLocalProcess: false } }), undefined);
  assert.equal(clueOf({ ...delveProcess, body: { name: "in a VM" } }), undefined);
  assert.deepEqual(clueOf(attach), { kind: "attach", pid: 77 });
  assert.equal(clueOf({ ...attach, arguments: { processId: "nginx" } }), undefined);
  assert.deepEqual(clueOf(launch(true)), { kind: "launching", debug: false });
  assert.deepEqual(clueOf(terminalResponse), { kind: "terminal", pid: 60 });
  assert.deepEqual(clueOf({ ...terminalResponse, body: { processId: 61, shellProcessId: 60 } }), {
    kind: "terminal",
    pid: 61,
  });
  assert.equal(clueOf({ ...launchResponse, success: false }), undefined);
  for (const other of [null, "text", {}, { type: "event" }, { type: "request", command: "threads" }])
    assert.equal(clueOf(other), undefined);
});

test("js-debug's session names", () => {
  const child = { type: "pwa-node", name: "app.js [16947]", isChild: true };
  assert.equal(pidInName(child), 16947);
  assert.equal(pidInName({ ...child, isChild: false }), undefined);
  assert.equal(pidInName({ ...child, type: "go", name: "Server [2]" }), undefined);
  assert.equal(pidInName({ ...child, name: "Remote Process [0]" }), undefined);
  assert.equal(pidInName({ ...child, name: "app.js" }), undefined);
});

interface Entry extends ProcessEntry {
  uid?: number;
  tracer?: number;
}

/** A machine whose processes a test may change; the extension host is 10, the user 1000, the launch began at 100. */
function machine(...entries: Entry[]) {
  const table = new Map(entries.map((entry) => [entry.pid, entry]));
  const view: Processes = {
    entry: (pid) => table.get(pid),
    all: () => [...table.values()],
    uid: (pid) => (table.has(pid) ? (table.get(pid)?.uid ?? 1000) : undefined),
    tracer: (pid) => table.get(pid)?.tracer ?? 0,
    now: () => 150,
  };
  return { view, add: (entry: Entry) => table.set(entry.pid, entry) };
}

const host: Entry = { pid: 10, parent: 1, started: 1 };
const languageServer: Entry = { pid: 20, parent: 10, started: 50 };
const session: SessionFacts = { type: "go", name: "Server", isChild: false, attaches: false, since: 100 };

function finder(view: Processes, facts: Partial<SessionFacts> = {}): DebuggeeFinder {
  return new DebuggeeFinder({ ...session, ...facts }, view, host.pid, 1000);
}

function pids({ targets }: DebuggeeFinder): number[] {
  return targets.map(({ pid }) => pid);
}

test("Delve, launch: the process event", () => {
  const { view } = machine(
    host,
    { pid: 30, parent: 10, started: 110 },
    { pid: 4242, parent: 30, started: 120, tracer: 30 },
  );
  const found = finder(view);
  assert.equal(found.take(launch(false)), false);
  assert.equal(found.take(delveProcess), true);
  assert.deepEqual(found.targets, [{ pid: 4242, children: true, descendants: true }]);
  assert.equal(found.take(launchResponse), false);
});

test("a process event's pid of another namespace is an older process here, or somebody else's", () => {
  const older = finder(machine(host, { pid: 4242, parent: 1, started: 99 }).view);
  assert.equal(older.take(delveProcess), false);
  const foreign = finder(machine(host, { pid: 4242, parent: 1, started: 120, uid: 0 }).view);
  assert.equal(foreign.take(delveProcess), false);
});

test("an old Delve, launch: the traced child of the adapter", () => {
  const { view, add } = machine(host, languageServer, { pid: 30, parent: 10, started: 110 });
  add({ pid: 5, parent: 1, started: 120, tracer: 4 });
  const found = finder(view);
  found.take(launch(false));
  add({ pid: 31, parent: 30, started: 120, tracer: 30 });
  assert.equal(found.take(launchResponse), true);
  assert.deepEqual(pids(found), [31]);
});

test("Delve without debugging: the adapter, before the launch reaches it", () => {
  const { view } = machine(host, languageServer, { pid: 30, parent: 10, started: 110 });
  const found = finder(view);
  assert.equal(found.take(launch(true)), true);
  assert.deepEqual(found.targets, [{ pid: 30, children: true, descendants: true }]);
});

test("js-debug without debugging: what the extension host starts until the launch is answered", () => {
  const { view, add } = machine(host, languageServer);
  const found = finder(view, { type: "pwa-node" });
  assert.equal(found.take(launch(true)), false);
  assert.equal(found.searching, true);
  add({ pid: 40, parent: 10, started: 130 });
  assert.equal(found.search(), true);
  found.take(launchResponse);
  assert.equal(found.searching, false);
  add({ pid: 41, parent: 10, started: 140 });
  assert.equal(found.search(), false);
  assert.deepEqual(pids(found), [40]);
});

test("js-debug: the child session's name, from the session's begin", () => {
  const { view } = machine(host, { pid: 16947, parent: 10, started: 120 });
  const facts = { type: "pwa-node", name: "app.js [16947]", isChild: true };
  assert.deepEqual(pids(finder(view, facts)), [16947]);
  assert.deepEqual(pids(finder(view, { ...facts, since: 121 })), []);
});

test("a terminal: the shell and what is new below it, until the adapter names the process", () => {
  const { view, add } = machine(
    host,
    { pid: 60, parent: 1, started: 5 },
    { pid: 61, parent: 60, started: 6 },
  );
  const found = finder(view);
  found.take(runInTerminal);
  assert.equal(found.take(terminalResponse), true);
  assert.deepEqual(found.targets, [{ pid: 60, children: true, descendants: false }]);
  add({ pid: 62, parent: 60, started: 150 });
  assert.equal(found.search(), true);
  assert.deepEqual(pids(found), [60, 62]);
  add({ pid: 4242, parent: 62, started: 151 });
  assert.equal(found.take(delveProcess), true);
  assert.deepEqual(pids(found), [4242]);
  assert.equal(found.searching, false);
});

test("attach: an older process, but the user's own", () => {
  assert.deepEqual(attached(1000), [77]);
  assert.deepEqual(attached(0), []);
});

function attached(uid: number): number[] {
  const found = finder(machine(host, { pid: 77, parent: 1, started: 3, uid }).view, { attaches: true });
  found.take(attach);
  return pids(found);
}

test("/proc tells parent, user and start of a real process, even with an odd name", async () => {
  const before = processes.now();
  const child = spawn(process.execPath, [
    "-e",
    "process.title = 'a) b (c'; process.stdin.resume(); console.log()",
  ]);
  await once(child.stdout, "data");
  const pid = child.pid ?? 0;
  const entry = processes.entry(pid);
  assert.equal(entry?.parent, process.pid);
  assert.ok(entry.started >= before && entry.started <= processes.now());
  assert.equal(processes.uid(pid), process.getuid?.());
  assert.equal(processes.tracer(pid), 0);
  assert.ok(processes.all().some((other) => other.pid === pid));
  child.stdin.end();
  await once(child, "exit");
  assert.equal(processes.entry(pid), undefined);
});
