/** The helper's first line on stdout: whether it stands (see Hello in protocol/rpc.ts). */
import { writeSync } from "node:fs";
import type { Hello, StartErrorCode } from "../protocol/rpc.ts";

export class StartFailure extends Error {
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function sayReady(): void {
  say({ ready: true, pid: process.pid });
}

/** Says why the helper doesn't stand, and ends it. */
export function sayFailure(error: unknown): never {
  const code = error instanceof StartFailure ? error.code : "crashed";
  const message = error instanceof Error ? error.message : String(error);
  say({ ready: false, error: { code, message } });
  process.exit(1);
}

function say(hello: Hello): void {
  writeSync(1, `${JSON.stringify(hello)}\n`);
}
