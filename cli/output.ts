/** Where the exchanges go: a file, or stdout. */
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { CaptureError } from "./targets.ts";

export interface Output {
  /** Waits while the reader is slower than we are. */
  write(text: string): Promise<void>;
  /** Resolves when everything is out. */
  end(): Promise<void>;
  /** Resolves when nobody reads any more (a closed pipe). */
  closed: Promise<void>;
}

/** Throws CaptureError where the file can't be written. */
export async function openOutput(file: string | undefined): Promise<Output> {
  if (file === undefined) return output(process.stdout, false);
  const stream = createWriteStream(file);
  try {
    await once(stream, "open");
  } catch (error) {
    throw new CaptureError(`can't write ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
  return output(stream, true);
}

function output(stream: Writable, ours: boolean): Output {
  const closed = new Promise<void>((resolve) => stream.once("error", () => resolve()));
  return {
    closed,
    async write(text) {
      if (!stream.write(text)) await Promise.race([once(stream, "drain"), closed]);
    },
    async end() {
      if (ours) stream.end();
      const out = ours ? once(stream, "finish") : new Promise((resolve) => stream.write("", resolve));
      await Promise.race([out, closed]);
    },
  };
}
