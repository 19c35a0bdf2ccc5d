/** The helper's first line on stdout: whether it stands (see Hello in protocol/rpc.ts). */
import { writeSync } from "node:fs";
import type { Refusal } from "../protocol/refusal.ts";
import type { Hello, StartErrorCode } from "../protocol/rpc.ts";

export class StartFailure extends Error {
  readonly code: StartErrorCode;
  readonly refusal: Refusal | undefined;

  constructor(code: StartErrorCode, message: string, refusal?: Refusal) {
    super(message);
    this.code = code;
    this.refusal = refusal;
  }
}

export function sayReady(): void {
  say({ ready: true, pid: process.pid });
}

/** Says why the helper doesn't stand, and ends it. */
export function sayFailure(error: unknown): never {
  const code = error instanceof StartFailure ? error.code : "crashed";
  const message = error instanceof Error ? error.message : String(error);
  const refusal = error instanceof StartFailure ? error.refusal : undefined;
  say({ ready: false, error: { code, message, ...(refusal && { refusal }) } });
  process.exit(1);
}

function say(hello: Hello): void {
  writeSync(1, `${JSON.stringify(hello)}\n`);
}
