/**
 * The stand-in helper: the real protocol, store and server, and a program of a test's making in place of kernel and ring.
 * The test listens on the socket that lies beside this file, and says there how it starts and what it sees.
 */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sayFailure, sayReady, StartFailure } from "../../helper/hello.ts";
import { serve } from "../../helper/rpc/server.ts";
import { StandInCapture } from "./capture.ts";
import type { FromStandIn, FromTest, Start } from "./commands.ts";
import { Program } from "./program.ts";

/** Milliseconds that a command waits for a process to be watched, and between two looks. */
const patience = 10_000;
const step = 20;

const startedAt = Date.now();
const directory = dirname(process.argv[1] ?? "");
const capture = new StandInCapture();
const program = new Program((events) => capture.push(events));
const socket = connect(join(directory, "control"));
socket.on("connect", () => tell({ pid: process.pid }));
// Without its test it is nothing.
socket.on("error", (error) => sayFailure(error));
createInterface({ input: socket }).on("line", (line) => take(JSON.parse(line) as FromTest, socket));

function take(message: FromTest, from: Socket): void {
  if ("start" in message) return start(message.start, from);
  const { call, command } = message;
  const begins = ["traffic", "grow", "exchange", "hold"].includes(command.do);
  (begins ? watching() : Promise.resolve())
    .then(() => program.run(command))
    .then(
      (exchanges) => tell({ call, exchanges }),
      (error: unknown) => tell({ call, error: String(error) }),
    );
}

function start(how: Start, control: Socket): void {
  if (how !== "ready") return sayFailure(new StartFailure(how, `The test wants it so (${how}).`));
  control.unref(); // it ends with its client
  sayReady();
  serve(capture, directory, Date.now() - startedAt, process.stdin, process.stdout);
}

/** A client starts a helper before it tells which process it shall watch. */
async function watching(): Promise<void> {
  for (let waited = 0; capture.targets.pids.length === 0; waited += step) {
    if (waited > patience) throw new Error("no process is watched");
    await sleep(step);
  }
}

function tell(message: FromStandIn): void {
  socket.write(`${JSON.stringify(message)}\n`);
}
