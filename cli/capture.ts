/** `tinytap capture`: from the first probe to the tally. */
import { setTimeout as sleep } from "node:timers/promises";
import { describeSources } from "../client/sources.ts";
import type { CaptureStatus } from "../protocol/capture.ts";
import { othersText } from "../protocol/format.ts";
import type { CaptureOptions } from "../protocol/rpc.ts";
import { Command } from "./command.ts";
import { HelperConnection, ownFolder } from "./connection.ts";
import type { CaptureCommand } from "./options.ts";
import { openOutput, type Output } from "./output.ts";
import { endSignals } from "./signals.ts";
import { CaptureError, watchNamed } from "./targets.ts";
import { say } from "./terminal.ts";
import { Writer } from "./writers.ts";

/** What each format needs of the bodies. */
const bodiesOf = { text: "counted", jsonl: "hashed", har: "kept" } as const;

/** Gives the exit code: 0 where every exchange is in the output. */
export async function capture(options: CaptureCommand): Promise<number> {
  const output = await openOutput(options.output);
  const connection = await HelperConnection.open(ownFolder, options.ring);
  const writer = new Writer(options.format, output, connection);
  const crashed = connection.exited.then(({ code, signal }): never => {
    throw new CaptureError(`the helper ended unexpectedly (${signal ?? `exit code ${code}`})`);
  });
  crashed.catch(() => {}); // where nobody awaits it, it is the end that we asked for
  try {
    // Requests are never answered by a helper that is gone.
    return await Promise.race([run(options, connection, writer, output), crashed]);
  } finally {
    await connection.close();
    await writer.abort();
  }
}

async function run(
  options: CaptureCommand,
  connection: HelperConnection,
  writer: Writer,
  output: Output,
): Promise<number> {
  let command: Command | undefined;
  const signals = endSignals(() => {
    command?.kill();
    say(`tinytap: abandoned: ${options.output ?? "stdout"} is cut`);
    process.exit(1); // whatever still waits for a reader or a disk
  });
  const ended = Promise.race([signals.first, output.closed, timeUp(options.duration), connection.exited]);
  connection.answer("tinytap/finished", async ({ exchanges }) => {
    await writer.write(exchanges);
    return null;
  });
  const { status } = await connection.initialize(captureOptions(options));
  await watchNamed(connection, options);
  // `capturing …` comes first: scripts wait for that line.
  say(describeSources(status.sources).join("\n  "));
  if (options.command.length > 0) command = await Command.start(connection, options.command);
  writer.begin();
  const cause = await Promise.race([ended, ...(command ? [command.exited] : [])]);
  await command?.end(cause === "SIGINT");
  const { tally } = await connection.request("tinytap/detach", null);
  try {
    await writer.finish();
  } finally {
    signals.finished();
    say(tallyText(tally, writer));
  }
  return writer.written < tally.exchanges ? 1 : 0;
}

function captureOptions(options: CaptureCommand): CaptureOptions {
  return {
    ports: options.ports,
    sendfile: options.sendfile,
    exclude: options.exclude,
    feed: "finished",
    bodies: bodiesOf[options.format],
    ...(options.maxBody !== undefined && { maxBody: options.maxBody }),
  };
}

/** `duration` in milliseconds; undefined: never. */
async function timeUp(duration: number | undefined): Promise<void> {
  if (duration === undefined) await new Promise(() => {});
  else await sleep(duration, undefined, { ref: false });
}

function tallyText(tally: CaptureStatus["tally"], { written, stopped }: Writer): string {
  const losses = Object.entries(tally.lost).map(([reason, count]) => `${reason} ${count}`);
  return [
    `${tally.exchanges} ${tally.exchanges === 1 ? "exchange" : "exchanges"}`,
    ...(written < tally.exchanges ? [`${tally.exchanges - written} of them not written`] : []),
    `${tally.inFlight + stopped} in flight`,
    ...(tally.excluded > 0 ? [`${tally.excluded} not captured (--exclude)`] : []),
    `${tally.bytes} bytes`,
    ...[othersText(tally.otherConnections)].filter((text) => text !== ""),
    ...(tally.splicedConnections > 0
      ? [`${tally.splicedConnections} connections spliced, not readable`]
      : []),
    ...(losses.length > 0
      ? [`lost: ${losses.join(", ")}`]
      : tally.splicedConnections > 0
        ? []
        : ["nothing lost"]),
  ].join(", ");
}
