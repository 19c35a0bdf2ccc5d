/** The client's options, checked: the helper trusts no shape that came over the wire. */
import { defaultMemory, leastMemory, mostMemory, type CaptureOptions } from "../../protocol/rpc.ts";
import type { SendfileMode, Target } from "../../protocol/capture.ts";

const sendfileModes: readonly SendfileMode[] = ["auto", "sendpath", "pagecache", "off"];

/** Fills in the defaults. Throws an Error that names the option that is wrong. */
export function checkOptions(value: unknown): Required<CaptureOptions> {
  const given = record(value ?? {}, "initializationOptions");
  const bodies = oneOf(given["bodies"] ?? "kept", "bodies", ["kept", "hashed", "counted"]);
  const memory = integer(given["memory"] ?? defaultMemory, "memory", leastMemory, mostMemory);
  return {
    targets: checkTargets(given["targets"] ?? []),
    ports: list(given["ports"] ?? [], "ports").map((port) => integer(port, "ports", 1, 65_535)),
    memory,
    // What is hashed is let go at once: it needs no limit.
    maxBody: integer(
      given["maxBody"] ?? (bodies === "kept" ? (memory * 2 ** 20) / 4 : 2 ** 32),
      "maxBody",
      0,
      2 ** 32,
    ),
    sendfile: oneOf(given["sendfile"] ?? "auto", "sendfile", sendfileModes),
    feed: oneOf(given["feed"] ?? "summaries", "feed", ["summaries", "finished"]),
    bodies,
  };
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
