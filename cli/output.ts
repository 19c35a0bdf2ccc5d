/** Where the exchanges go: a file, or stdout. */
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { CaptureError } from "./targets.ts";

export interface Output {
  /** Waits while the reader is slower than we are. Throws CaptureError where it can't be written. */
  write(text: string): Promise<void>;
  /** Resolves when everything is out. Throws likewise. */
  end(): Promise<void>;
  /** Resolves when no more can be written: nobody reads (a closed pipe), or the disk is full. */
  closed: Promise<void>;
}

/** Throws CaptureError where the file can't be written. */
export async function openOutput(file: string | undefined): Promise<Output> {
  if (file === undefined) return output(process.stdout, "stdout", false);
  const stream = createWriteStream(file);
  try {
    await once(stream, "open");
  } catch (error) {
    throw cannotWrite(file, error);
  }
  return output(stream, file, true);
}

function output(stream: Writable, name: string, ours: boolean): Output {
  let failure: NodeJS.ErrnoException | undefined;
  const closed = new Promise<void>((resolve) =>
    // Each write to a closed pipe is an error of its own.
    stream.on("error", (error) => {
      failure ??= error;
      resolve();
    }),
  );
  // Somebody who stopped reading has seen enough: that is no failure.
  const check = () => {
    if (failure !== undefined && failure.code !== "EPIPE") throw cannotWrite(name, failure);
  };
  return {
    closed,
    async write(text) {
      if (failure === undefined && !stream.write(text)) await Promise.race([once(stream, "drain"), closed]);
      check();
    },
    async end() {
      if (failure === undefined) {
        const out = ours ? once(stream, "finish") : new Promise((resolve) => stream.write("", resolve));
        if (ours) stream.end();
        await Promise.race([out, closed]);
      }
      check();
    },
  };
}

function cannotWrite(name: string, error: unknown): CaptureError {
  return new CaptureError(`can't write ${name}: ${(error as NodeJS.ErrnoException).code}`);
}
