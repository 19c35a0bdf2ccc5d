/** The command line: what may be said, and a clear word on what may not. */
import { parseArgs } from "node:util";
import { defaultRingSize, ringSizes, type SendfileMode } from "../protocol/capture.ts";

export const usage = `Usage:
  tinytap capture [--pid N]… [--port N]… [--duration SECONDS] [--max-body BYTES]
                  [--exclude [HOST][/PATH]]… [--sendfile auto|sendpath|pagecache|off] [--ring MIB]
                  [--format text|jsonl|har] [--output FILE] [-- COMMAND ARG…]
  tinytap doctor [--json]

capture  shows the HTTP exchanges of the processes named by --pid, of those that listen on --port,
         or of COMMAND and its children, until Ctrl-C, --duration or the end of COMMAND.
         Requests to what --exclude names are not captured; * stands for any characters.
doctor   says what this machine's kernel lets Tinytap see, and why not more.`;

export type Format = "text" | "jsonl" | "har";

export interface CaptureCommand {
  name: "capture";
  pids: number[];
  ports: number[];
  /** Milliseconds; undefined: until ended otherwise. */
  duration: number | undefined;
  maxBody: number | undefined;
  /** Requests that are not captured. */
  exclude: string[];
  sendfile: SendfileMode;
  /** MiB of the kernel's ring buffer. */
  ring: number;
  format: Format;
  output: string | undefined;
  /** Empty: none is started. */
  command: string[];
}

export interface DoctorCommand {
  name: "doctor";
  json: boolean;
}

/** What is wrong with the command line; the message is for a person. */
export class UsageError extends Error {}

/** Throws UsageError. `undefined`: help was asked for. */
export function parseCommandLine(args: string[]): CaptureCommand | DoctorCommand | undefined {
  const [name, ...rest] = args;
  switch (name) {
    case "capture":
      return parseCapture(rest);
    case "doctor":
      return {
        name,
        json: parse({ args: rest, options: { json: { type: "boolean" } } }).values.json ?? false,
      };
    case undefined:
    case "help":
    case "--help":
    case "-h":
      return undefined;
    default:
      throw new UsageError(`there is no command "${name}"`);
  }
}

function parseCapture(args: string[]): CaptureCommand | undefined {
  const split = args.indexOf("--");
  const command = split < 0 ? [] : args.slice(split + 1);
  const { values } = parse({
    args: split < 0 ? args : args.slice(0, split),
    options: {
      pid: { type: "string", multiple: true },
      port: { type: "string", multiple: true },
      duration: { type: "string" },
      "max-body": { type: "string" },
      exclude: { type: "string", multiple: true },
      sendfile: { type: "string" },
      ring: { type: "string" },
      format: { type: "string" },
      output: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  if (split >= 0 && command.length === 0) throw new UsageError("there is no command after --");
  if (!values.pid && !values.port && command.length === 0)
    throw new UsageError("say what to capture: --pid, --port or -- COMMAND");
  return {
    name: "capture",
    pids: (values.pid ?? []).map((text) => whole("--pid", text, 1, 2 ** 22)),
    ports: (values.port ?? []).map((text) => whole("--port", text, 1, 65_535)),
    duration: values.duration === undefined ? undefined : seconds("--duration", values.duration) * 1000,
    maxBody:
      values["max-body"] === undefined ? undefined : whole("--max-body", values["max-body"], 0, 2 ** 32),
    exclude: values.exclude ?? [],
    sendfile: oneOf("--sendfile", values.sendfile ?? "auto", ["auto", "sendpath", "pagecache", "off"]),
    ring: Number(oneOf("--ring", values.ring ?? String(defaultRingSize), ringSizes.map(String))),
    format: oneOf("--format", values.format ?? "text", ["text", "jsonl", "har"]),
    output: values.output,
    command,
  };
}

/** node:util's parser, with its errors as ours. */
const parse: typeof parseArgs = (config) => {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ")[0] ?? "wrong arguments");
  }
};

function whole(flag: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new UsageError(`${flag} takes a whole number from ${least} to ${most}, not "${text}"`);
  return value;
}

function seconds(flag: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value > 0 && value <= 2_000_000))
    throw new UsageError(`${flag} takes a number of seconds, not "${text}"`);
  return value;
}

function oneOf<Choice extends string>(flag: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((each) => each === text);
  if (choice === undefined) throw new UsageError(`${flag} takes one of ${choices.join(", ")}, not "${text}"`);
  return choice;
}
