import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { attachesElsewhere, clueOf, pidInName } from "../../../extension/debug/clues.ts";
import { DebuggeeFinder, type SessionFacts } from "../../../extension/debug/debuggee-finder.ts";
import { processes, type ProcessEntry, type Processes } from "../../../client/proc.ts";

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
  assert.deepEqual(clueOf(launch(true)), {
    kind: "launching",
    debug: false,
    program: ["/ws"],
  });
  const npm = {
    ...launch(true),
    arguments: { noDebug: true, runtimeExecutable: "npm", runtimeArgs: ["run", "dev"] },
  };
  assert.deepEqual(clueOf(npm), { kind: "launching", debug: false, program: ["run", "dev"] });
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
  assert.equal(pidInName({ ...child, type: "node-terminal" }), 16947, "in a JavaScript Debug Terminal");
  assert.equal(pidInName({ ...child, isChild: false }), undefined);
  assert.equal(pidInName({ ...child, type: "go", name: "Server [2]" }), undefined);
  assert.equal(pidInName({ ...child, name: "Remote Process [0]" }), undefined);
  assert.equal(pidInName({ ...child, name: "app.js" }), undefined);
});

interface Entry extends ProcessEntry {
  uid?: number;
  tracer?: number;
  commandLine?: string[];
}

/** A machine whose processes a test may change; the extension host is 10, the user 1000, the launch began at 100. */
function machine(...entries: Entry[]) {
  const table = new Map(entries.map((entry) => [entry.pid, entry]));
  const view: Processes = {
    entry: async (pid) => table.get(pid),
    all: async () => [...table.values()],
    uid: async (pid) => (table.has(pid) ? (table.get(pid)?.uid ?? 1000) : undefined),
    tracer: async (pid) => table.get(pid)?.tracer ?? 0,
    commandLine: async (pid) => table.get(pid)?.commandLine ?? [],
    now: () => 150,
  };
  return { view, add: (entry: Entry) => table.set(entry.pid, entry) };
}

const host: Entry = { pid: 10, parent: 1, started: 1 };
const languageServer: Entry = { pid: 20, parent: 10, started: 50 };
const session: SessionFacts = {
  ...{ type: "go", name: "Server", isChild: false },
  ...{ attaches: false, elsewhere: false, since: 100 },
};

/** When messages are seen, unless a test says otherwise. */
const now = 125;

function finder(view: Processes, facts: Partial<SessionFacts> = {}): DebuggeeFinder {
  return new DebuggeeFinder({ ...session, ...facts }, view, host.pid, 1000);
}

function pids({ targets }: DebuggeeFinder): number[] {
  return targets.map(({ pid }) => pid);
}

test("Delve, launch: the process event", async () => {
  const { view } = machine(
    host,
    { pid: 30, parent: 10, started: 110 },
    { pid: 4242, parent: 30, started: 120, tracer: 30 },
  );
  const found = finder(view);
  assert.equal(await found.take(launch(false), now), false);
  assert.equal(await found.take(delveProcess, now), true);
  assert.deepEqual(found.targets, [{ pid: 4242, children: true, descendants: true }]);
  assert.equal(await found.take(launchResponse, now), false);
});

test("a process event's pid of another namespace is an older process here, or somebody else's", async () => {
  const older = finder(machine(host, { pid: 4242, parent: 1, started: 99 }).view);
  assert.equal(await older.take(delveProcess, now), false);
  const foreign = finder(machine(host, { pid: 4242, parent: 1, started: 120, uid: 0 }).view);
  assert.equal(await foreign.take(delveProcess, now), false);
});

test("an old Delve, launch: the traced child of the adapter", async () => {
  const { view, add } = machine(host, languageServer, { pid: 30, parent: 10, started: 110 });
  add({ pid: 5, parent: 1, started: 120, tracer: 4 });
  const found = finder(view);
  await found.take(launch(false), now);
  add({ pid: 31, parent: 30, started: 120, tracer: 30 });
  assert.equal(await found.take(launchResponse, now), true);
  assert.deepEqual(pids(found), [31]);
});

test("without debugging: the adapter, before the launch reaches it; bystanders go once it has started something", async () => {
  const { view, add } = machine(host, languageServer, { pid: 30, parent: 10, started: 110 });
  add({ pid: 31, parent: 10, started: 112, commandLine: ["git", "status"] });
  const found = finder(view);
  assert.equal(await found.take(launch(true), now), true);
  assert.deepEqual(found.targets, [
    { pid: 30, children: true, descendants: true },
    { pid: 31, children: true, descendants: true },
  ]);
  add({ pid: 32, parent: 10, started: 130, commandLine: ["gopls"] });
  add({ pid: 4242, parent: 30, started: 131 });
  assert.equal(await found.search(), false, "what the extension host starts meanwhile isn't the launch's");
  assert.equal(await found.take(launchResponse, 140), true);
  assert.deepEqual(pids(found), [30]);
  assert.equal(found.searching, false);
});

test("js-debug without debugging: what runs the program, of all that starts until the launch is answered", async () => {
  const { view, add } = machine(host, languageServer);
  const found = finder(view, { type: "pwa-node" });
  const plain = { ...launch(true), arguments: { program: "/ws/server.mjs", noDebug: true } };
  assert.equal(await found.take(plain, now), false);
  assert.equal(found.searching, true);
  add({ pid: 39, parent: 10, started: 129, commandLine: ["git", "fetch"] });
  add({ pid: 40, parent: 10, started: 130, commandLine: ["node", "./server.mjs"] });
  assert.equal(await found.search(), true);
  await found.take(launchResponse, 135);
  assert.equal(found.searching, false);
  add({ pid: 41, parent: 10, started: 140, commandLine: ["node", "./server.mjs"] });
  assert.equal(await found.search(), false);
  assert.deepEqual(pids(found), [40]);
});

test("js-debug: the child session's name, from the session's begin", async () => {
  const { view } = machine(host, { pid: 16947, parent: 10, started: 120 });
  const facts = { type: "pwa-node", name: "app.js [16947]", isChild: true };
  const named = async (change: Partial<SessionFacts>) => {
    const found = finder(view, { ...facts, ...change });
    await found.begin();
    return pids(found);
  };
  assert.deepEqual(await named({}), [16947]);
  assert.deepEqual(await named({ since: 121 }), []);
  assert.deepEqual(
    await named({ attaches: true, elsewhere: true }),
    [],
    "a container's pid means nothing here",
  );
});

test("a terminal: the shell and what is new below it, until the adapter names the process", async () => {
  const { view, add } = machine(
    host,
    { pid: 60, parent: 1, started: 5 },
    { pid: 61, parent: 60, started: 6 },
  );
  const found = finder(view);
  await found.take(runInTerminal, now);
  assert.equal(await found.take(terminalResponse, now), true);
  assert.deepEqual(found.targets, [{ pid: 60, children: true, descendants: false }]);
  add({ pid: 62, parent: 60, started: 150 });
  assert.equal(await found.search(), true);
  assert.deepEqual(pids(found), [60, 62]);
  add({ pid: 4242, parent: 62, started: 151 });
  assert.equal(await found.take(delveProcess, now), true);
  assert.deepEqual(pids(found), [4242]);
  assert.equal(found.searching, false);
});

test("attach: an older process, but the user's own, and never by a pid of another machine", async () => {
  assert.deepEqual(await attached(1000), [77]);
  assert.deepEqual(await attached(0), []);
  assert.deepEqual(await attached(1000, true), []);
});

async function attached(uid: number, elsewhere = false): Promise<number[]> {
  const { view } = machine(host, { pid: 77, parent: 1, started: 3, uid });
  const found = finder(view, { attaches: true, elsewhere });
  await found.take(attach, now);
  return pids(found);
}

test("which attach configurations mean another machine or a container", () => {
  const elsewhere = (rest: object) => attachesElsewhere({ request: "attach", ...rest });
  for (const configuration of [
    { type: "go", mode: "remote", port: 2345 },
    { type: "cppdbg", processId: "7", pipeTransport: { pipeProgram: "docker" } },
    { type: "node", address: "10.0.0.5", port: 9229 },
    { type: "node", port: 9229, remoteRoot: "/app" },
    { type: "java", hostName: "build.example", port: 5005 },
    { type: "debugpy", connect: { host: "db.example", port: 5678 } },
    { type: "debugpy", connect: { port: 5678 }, pathMappings: [{ localRoot: "/ws", remoteRoot: "/app" }] },
    { type: "docker", containerName: "web" },
  ])
    assert.equal(elsewhere(configuration), true, JSON.stringify(configuration));
  for (const configuration of [
    { type: "go", mode: "local", processId: 7 },
    { type: "node", port: 9229, address: "localhost", remoteRoot: null },
    { type: "debugpy", connect: { host: "127.0.0.1", port: 5678 } },
    { type: "debugpy", pathMappings: [{ localRoot: "/ws", remoteRoot: "." }] },
  ])
    assert.equal(elsewhere(configuration), false, JSON.stringify(configuration));
  assert.equal(attachesElsewhere({ request: "launch", host: "0.0.0.0" }), false);
});

test("/proc tells parent, user and start of a real process, even with an odd name", async () => {
  const before = processes.now();
  const child = spawn(process.execPath, [
    "-e",
    "process.title = 'a) b (c'; process.stdin.resume(); console.log()",
  ]);
  await once(child.stdout, "data");
  const pid = child.pid ?? 0;
  const entry = await processes.entry(pid);
  assert.equal(entry?.parent, process.pid);
  assert.ok(entry.started >= before && entry.started <= processes.now());
  assert.equal(await processes.uid(pid), process.getuid?.());
  assert.equal(await processes.tracer(pid), 0);
  assert.ok((await processes.all()).some((other) => other.pid === pid));
  child.stdin.end();
  await once(child, "exit");
  assert.equal(await processes.entry(pid), undefined);
});

test("/proc tells a process's arguments, each by itself", async () => {
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 9000)", "a b", ""]);
  try {
    await once(child, "spawn");
    assert.deepEqual(await processes.commandLine(child.pid ?? 0), [
      process.execPath,
      ...child.spawnargs.slice(1),
    ]);
  } finally {
    child.kill();
  }
});
