/** The helper proper: the invoking user's process, without a capability, before it reads a byte of traffic. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { loadAddon } from "./capture/addon.ts";
import { Capture, type Inheritance } from "./capture/capture.ts";
import { sayFailure, sayReady, StartFailure } from "./hello.ts";
import { serve } from "./rpc/server.ts";

async function start(): Promise<{ capture: Capture; startup: number }> {
  const addon = loadAddon(directory);
  addon.forbidTracing(); // first of all: from here on it no longer rests on the group that exec was given
  requireNoCapabilities();
  const inheritance = JSON.parse(process.argv[2] ?? "") as Inheritance;
  const capture = new Capture(addon, inheritance);
  try {
    await capture.selfTest();
  } catch (error) {
    throw new StartFailure(
      "self-test-failed",
      `The capture can't be trusted here: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  return { capture, startup: Date.now() - inheritance.startedAt };
}

/** Where this file lies, and with it the addon and the threads' programs. */
const directory = dirname(process.argv[1] ?? "");

/** Capabilities belong to threads, and Node has a dozen. */
function requireNoCapabilities(): void {
  for (const thread of readdirSync("/proc/self/task")) {
    const status = readFileSync(`/proc/self/task/${thread}/status`, "utf8");
    const held = [...status.matchAll(/^Cap(?:Inh|Prm|Eff|Bnd|Amb):\s*([0-9a-f]+)$/gm)];
    if (
      held.length !== 5 ||
      held.some((match) => !/^0+$/.test(match[1] ?? "")) ||
      !/^NoNewPrivs:\s*1$/m.test(status)
    )
      throw new StartFailure("crashed", "The helper did not give up all its privileges, and stops.");
  }
}

// EOF on stdin is the one way to stop. A Ctrl-C in the client's terminal is the client's, and so is the SIGTERM that a
// watched program sends to its whole process group (kill(0, …)) as it ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) process.on(signal, () => {});

start().then(({ capture, startup }) => {
  sayReady();
  serve(capture, directory, startup, process.stdin, process.stdout);
}, sayFailure);
