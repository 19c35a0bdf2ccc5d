/** `tinytap capture`: from the first probe to the tally. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describeSources } from "../client/sources.ts";
import type { CaptureStatus } from "../protocol/capture.ts";
import type { CaptureOptions } from "../protocol/rpc.ts";
import { HelperConnection, ownFolder } from "./connection.ts";
import type { CaptureCommand } from "./options.ts";
import { openOutput, type Output } from "./output.ts";
import { CaptureError, startCommand, watchNamed } from "./targets.ts";
import { createWriter } from "./writers.ts";

/** What each format needs of the bodies. */
const bodiesOf = { text: "counted", jsonl: "hashed", har: "kept" } as const;

/** How long COMMAND may take to end after it was asked to, in milliseconds. */
const grace = 3000;

export async function capture(command: CaptureCommand): Promise<number> {
  const output = await openOutput(command.output);
  const connection = await HelperConnection.open(ownFolder, command.ring);
  const crashed = connection.exited.then(({ code, signal }): never => {
    throw new CaptureError(`the helper ended unexpectedly (${signal ?? `exit code ${code}`})`);
  });
  crashed.catch(() => {}); // where nobody awaits it, it is the end that we asked for
  try {
    // Requests are never answered by a helper that is gone.
    await Promise.race([run(command, connection, output), crashed]);
    return 0;
  } finally {
    await connection.close();
  }
}

async function run(command: CaptureCommand, connection: HelperConnection, output: Output): Promise<void> {
  const writer = createWriter(command.format, output, connection);
  connection.answer("tinytap/finished", ({ exchanges }) => {
    writer.write(exchanges);
    return null;
  });
  const ended = endOfCapture(command.duration, output.closed);
  const { status } = await connection.initialize(options(command));
  await watchNamed(connection, command);
  // `capturing …` comes first: scripts wait for that line.
  process.stderr.write(`${describeSources(status.sources).join("\n  ")}\n`);
  if (command.command.length === 0) await ended;
  else {
    const { child, exited } = await startCommand(connection, command.command);
    try {
      await Promise.race([ended, exited, connection.exited]);
    } finally {
      await end(child, exited);
    }
  }
  const final = await connection.request("tinytap/detach", null);
  await writer.finish();
  process.stderr.write(`${tally(final)}\n`);
}

function options(command: CaptureCommand): CaptureOptions {
  return {
    ports: command.ports,
    sendfile: command.sendfile,
    feed: "finished",
    bodies: bodiesOf[command.format],
    ...(command.maxBody !== undefined && { maxBody: command.maxBody }),
  };
}

/** Resolves when the capture shall end, unless COMMAND ends before. */
async function endOfCapture(duration: number | undefined, closed: Promise<void>): Promise<void> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => once(process, signal));
  const timeUp = duration === undefined ? [] : [sleep(duration, undefined, { ref: false })];
  await Promise.race([...signals, closed, ...timeUp]);
}

async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), grace);
  await exited;
  clearTimeout(kill);
}

function tally({ tally }: CaptureStatus): string {
  const losses = Object.entries(tally.lost).map(([reason, count]) => `${reason} ${count}`);
  return [
    `${tally.exchanges} ${tally.exchanges === 1 ? "exchange" : "exchanges"}`,
    `${tally.inFlight} in flight`,
    `${tally.bytes} bytes`,
    ...(tally.otherConnections > 0 ? [`${tally.otherConnections} connections that are not HTTP/1`] : []),
    losses.length > 0 ? `lost: ${losses.join(", ")}` : "nothing lost",
  ].join(", ");
}
