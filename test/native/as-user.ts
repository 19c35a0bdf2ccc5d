/** Run as an ordinary user: starts the helper by `sudo -n`, and tries to reach into it. Says one line of JSON. */
import { spawn, spawnSync } from "node:child_process";
import { openSync, readdirSync } from "node:fs";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { spawnHelper } from "../../client/helper.ts";
import { dist } from "../../scripts/paths.mjs";
import type { InitializeResult } from "../../protocol/rpc.ts";

/** Tries to read the helper's memory, again and again, from its first moment on: says how often, and what came of it. */
const reaching = spawn("/usr/bin/python3", [
  "-c",
  `import collections, os, select, sys
before, outcomes = {*sys.argv[1:], str(os.getpid())}, collections.Counter()
while not select.select([sys.stdin], [], [], 0)[0]:
    for pid in set(os.listdir("/proc")) - before:
        try:
            if b"helper.cjs" not in open("/proc/" + pid + "/cmdline", "rb").read():
                continue
            os.close(os.open("/proc/" + pid + "/mem", os.O_RDONLY))
            outcomes["allowed"] += 1
        except OSError as error:
            outcomes[os.strerror(error.errno)] += 1
print(outcomes["allowed"], outcomes["Permission denied"])`,
  ...readdirSync("/proc"),
]);
const reached = text(reaching.stdout);

const helper = await spawnHelper({
  node: process.execPath,
  directory: dist,
  log: (line) => process.stderr.write(`${line}\n`),
});
const connection = createMessageConnection(
  new StreamMessageReader(helper.stdout),
  new StreamMessageWriter(helper.stdin),
);
connection.listen();
reaching.stdin.end("\n");
const [allowed, denied] = (await reached).trim().split(" ").map(Number);
const { targets }: InitializeResult = await connection.sendRequest("initialize", {
  initializationOptions: { targets: [{ pid: process.pid }, { pid: 1 }] },
});

function outcome(work: () => unknown): string {
  try {
    work();
    return "allowed";
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/** PTRACE_ATTACH, by the library call. */
function ptrace(): string {
  const script = `import ctypes, errno, sys
libc = ctypes.CDLL(None, use_errno=True)
print("allowed" if libc.ptrace(16, ${helper.pid}, None, None) == 0 else errno.errorcode[ctypes.get_errno()])`;
  return spawnSync("/usr/bin/python3", ["-c", script], { encoding: "utf8" }).stdout.trim();
}

const facts = {
  pid: helper.pid,
  ownUid: process.getuid?.(),
  targets,
  early: { allowed, denied },
  attempts: {
    fd: outcome(() => readdirSync(`/proc/${helper.pid}/fd`)),
    mem: outcome(() => openSync(`/proc/${helper.pid}/mem`, "r+")),
    environ: outcome(() => openSync(`/proc/${helper.pid}/environ`, "r")),
    ptrace: ptrace(),
  },
};
process.stdout.write(`${JSON.stringify(facts)}\n`);
process.stdin.resume();
await once(process.stdin, "end");
connection.dispose();
helper.stdin.end();
await helper.exited;
