/** Wireshark on the command line: it takes the packets from the loopback interface, and reads HTTP from them. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { ensurePackages, which } from "../../scripts/packages.mjs";
import { run, SetupError } from "../../scripts/progress.mjs";
import { Reading } from "./pdml.ts";

export async function ensureTshark(): Promise<void> {
  const why = "reads the same traffic from its packets (Wireshark on the command line)";
  await ensurePackages([{ package: "tshark", why, present: () => which("tshark") !== undefined }]);
}

/** Takes all TCP packets of the loopback interface. */
export class Sniffer {
  readonly #child: ChildProcessByStdio<null, null, Readable>;
  readonly #file: string;
  #said = "";

  private constructor(file: string) {
    this.#file = file;
    // A large buffer, as a packet that is dropped is one that tshark can't be right about.
    this.#child = spawn("dumpcap", ["-i", "lo", "-B", "256", "-f", "tcp", "-w", file], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
  }

  /** Resolves when packets are taken. */
  static async start(file: string): Promise<Sniffer> {
    const sniffer = new Sniffer(file);
    while (!sniffer.#said.includes("File:")) {
      await Promise.race([once(sniffer.#child.stderr, "data"), once(sniffer.#child, "close")]);
      if (sniffer.#child.exitCode !== null) throw new SetupError(`dumpcap: ${sniffer.#said}`);
    }
    return sniffer;
  }

  /** Gives how many packets were dropped. */
  async stop(): Promise<number> {
    // What it has not taken from the kernel yet when it is told to end is in no file.
    let size = -1;
    while (size < (size = statSync(this.#file).size)) await sleep(1000);
    this.#child.kill("SIGINT");
    await once(this.#child, "close");
    return Number(/dropped on interface.*?: \d+\/(\d+)/.exec(this.#said)?.[1] ?? NaN);
  }
}

export async function readPackets(file: string): Promise<Reading> {
  // A server may speak first: then tshark must be told what is spoken.
  const preface = "PRI * HTTP/2.0";
  const filter = `tcp.payload[0:${preface.length}] == ${[...Buffer.from(preface)].map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`;
  const ports = await run("tshark", ["-r", file, "-Y", filter, "-T", "fields", "-e", "tcp.dstport"]);
  const http2 = [...new Set(ports.split("\n").filter(Boolean))].flatMap((port) => [
    "-d",
    `tcp.port==${port},http2`,
  ]);
  const options = [
    "-o",
    "http.decompress_body:FALSE",
    "-o",
    "tcp.try_heuristic_first:TRUE",
    ...http2,
    "-Y",
    "http || http2 || tls",
  ];
  const child = spawn("tshark", ["-r", file, ...options, "-T", "pdml", "-J", "frame tcp http http2"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  const reading = new Reading();
  for await (const line of createInterface({ input: child.stdout })) reading.line(line);
  await ended;
  if (child.exitCode !== 0) throw new SetupError(`tshark ended with ${child.exitCode}`);
  return reading;
}
