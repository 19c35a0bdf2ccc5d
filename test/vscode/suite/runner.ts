/** A runner for the extension host, where node:test's can't end the process: results go to a file, a line each. */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";

export type Result = { name: string; ms: number; error?: string } | { end: true };

const timeout = 60_000;
const tests: { name: string; body: () => Promise<void> }[] = [];

export function test(name: string, body: () => Promise<void>): void {
  tests.push({ name, body });
}

export async function runTests(): Promise<void> {
  for (const { name, body } of tests) {
    const began = Date.now();
    const error = await failure(body);
    write({ name, ms: Date.now() - began, ...(error === undefined ? {} : { error }) });
  }
  write({ end: true });
}

async function failure(body: () => Promise<void>): Promise<string | undefined> {
  const late = sleep(timeout, `not done after ${timeout / 1000} s`, { ref: false });
  try {
    return await Promise.race([body(), late]).then((text) => text ?? undefined);
  } catch (error) {
    return inspect(error);
  }
}

function write(result: Result): void {
  appendFileSync(process.env["TINYTAP_RESULTS"] ?? "/dev/stderr", JSON.stringify(result) + "\n");
}

/** Waits until `get` gives something else than undefined or false. */
export async function eventually<T>(
  what: string,
  get: () => T | undefined | Promise<T | undefined>,
  milliseconds = 20_000,
): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await get();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited ${milliseconds / 1000} s in vain for ${what}`);
    await sleep(50);
  }
}
