/** The client's options, checked: the helper trusts no shape that came over the wire. */
import {
  defaultMemory,
  leastMemory,
  mostMemory,
  type CaptureOptions,
  type RunOptions,
} from "../../protocol/rpc.ts";
import { longestPattern, mostPatterns } from "../../protocol/rpc.ts";
import type { SendfileMode, Target } from "../../protocol/capture.ts";

const sendfileModes: readonly SendfileMode[] = ["auto", "sendpath", "pagecache", "off"];

/** What holds as long as the helper lives. */
export type LastingOptions = Required<Omit<CaptureOptions, keyof RunOptions>>;

/** Fills in the defaults. Throws an Error that names the option that is wrong. */
export function checkOptions(value: unknown): LastingOptions & { run: Required<RunOptions> } {
  const given = record(value ?? {}, "initializationOptions");
  const lasting: LastingOptions = {
    ports: list(given["ports"] ?? [], "ports").map((port) => integer(port, "ports", 1, 65_535)),
    memory: integer(given["memory"] ?? defaultMemory, "memory", leastMemory, mostMemory),
    feed: oneOf(given["feed"] ?? "summaries", "feed", ["summaries", "finished"]),
    bodies: oneOf(given["bodies"] ?? "kept", "bodies", ["kept", "hashed", "counted"]),
  };
  return { ...lasting, run: checkRun(given, lasting) };
}

/** As `checkOptions`, for one run of a helper. */
export function checkRun(given: Record<string, unknown>, lasting: LastingOptions): Required<RunOptions> {
  // What is hashed is let go at once: it needs no limit.
  const mostBody = lasting.bodies === "kept" ? (lasting.memory * 2 ** 20) / 4 : 2 ** 32;
  return {
    targets: checkTargets(given["targets"] ?? []),
    maxBody: integer(given["maxBody"] ?? mostBody, "maxBody", 0, 2 ** 32),
    sendfile: oneOf(given["sendfile"] ?? "auto", "sendfile", sendfileModes),
    exclude: checkPatterns(given["exclude"] ?? []),
  };
}

/** Of more, or longer ones, each request would be compared with too much. */
function checkPatterns(value: unknown): string[] {
  const patterns = list(value, "exclude");
  integer(patterns.length, "the number of patterns in exclude", 0, mostPatterns);
  return patterns.map((pattern) => {
    if (typeof pattern !== "string") throw new TypeError("exclude must be a list of texts");
    integer(pattern.length, "the length of a pattern in exclude", 0, longestPattern);
    return pattern;
  });
}

export function checkTargets(value: unknown): Target[] {
  return list(value, "targets").map((each) => {
    const target = record(each, "targets");
    return {
      pid: integer(target["pid"], "pid", 1, 2 ** 22),
      children: Boolean(target["children"]),
      descendants: Boolean(target["descendants"]),
    };
  });
}

export function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${name} must be an object`);
  return value as Record<string, unknown>;
}

export function list(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be a list`);
  return value;
}

export function integer(value: unknown, name: string, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most)
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${String(value)}`);
  return value as number;
}

export function oneOf<Choice extends string>(
  value: unknown,
  name: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((each) => each === value);
  if (choice === undefined)
    throw new RangeError(`${name} must be one of ${choices.join(", ")}, not ${String(value)}`);
  return choice;
}
