/** Where the exchanges go: a file, or stdout. */
import { createWriteStream } from "node:fs";
import { constants, open, type FileHandle } from "node:fs/promises";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { isatty } from "node:tty";
import { printableLines } from "../protocol/printable.ts";
import { CaptureError } from "./targets.ts";

export interface Output {
  /**
   * Appends the pieces, and waits while the reader is slower than we are. `footer` is what makes the document whole as
   * far as it goes: where it can be overwritten by what comes next, it is written each time. Drops what it gets once
   * writing has failed; `end` tells.
   */
  write(pieces: Iterable<string>, footer?: string): Promise<void>;
  /** Resolves when everything is out, `footer` last. Throws CaptureError where it could not be written. */
  end(footer?: string): Promise<void>;
  /** No more can be written: nobody reads (a closed pipe), or the disk is full. */
  readonly failed: boolean;
  /** Resolves when it has failed. */
  readonly closed: Promise<void>;
}

/** Throws CaptureError where the file can't be written. What is in it stays until the first `write`. */
export async function openOutput(path: string | undefined): Promise<Output> {
  if (path === undefined) return new StreamOutput(process.stdout, "stdout", process.stdout.isTTY, false);
  try {
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT, 0o666);
    if ((await file.stat()).isFile()) return new FileOutput(file, path);
    return new StreamOutput(createWriteStream(path, { fd: file }), path, isatty(file.fd), true);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Characters that are gathered for one write: for a file as many as it takes to end where an exchange ends. */
const streamChunk = 64 * 1024;
const fileChunk = 64 * 1024 * 1024;

/** The one failure that matters: the first. */
class Failure {
  error: unknown;
  readonly closed: Promise<void>;
  #close!: () => void;

  constructor() {
    this.closed = new Promise((resolve) => (this.#close = resolve));
  }

  set(error: unknown): void {
    this.error ??= error;
    this.#close();
  }

  /** Somebody who stopped reading has seen enough: that needs no message. */
  throw(name: string): void {
    if (this.error !== undefined && codeOf(this.error) !== "EPIPE") throw cannotWrite(name, this.error);
  }
}

/** A pipe, a terminal or a device: what is written is gone. */
class StreamOutput implements Output {
  readonly #stream: Writable;
  readonly #name: string;
  readonly #isTerminal: boolean;
  readonly #isOurs: boolean;
  readonly #failure = new Failure();

  /** `isOurs`: nobody else writes to it, so that it can be ended. */
  constructor(stream: Writable, name: string, isTerminal: boolean, isOurs: boolean) {
    this.#stream = stream;
    this.#name = name;
    this.#isTerminal = isTerminal;
    this.#isOurs = isOurs;
    // Each write to a closed pipe is an error of its own.
    stream.on("error", (error) => this.#failure.set(error));
  }

  get failed(): boolean {
    return this.#failure.error !== undefined;
  }

  get closed(): Promise<void> {
    return this.#failure.closed;
  }

  async write(pieces: Iterable<string>): Promise<void> {
    for (const chunk of gather(pieces, streamChunk)) {
      if (this.failed) return;
      const text = this.#isTerminal ? printableLines(chunk) : chunk;
      if (!this.#stream.write(text)) await Promise.race([once(this.#stream, "drain"), this.closed]);
    }
  }

  async end(footer = ""): Promise<void> {
    if (!this.failed) {
      const out = new Promise<void>((resolve) =>
        this.#isOurs ? this.#stream.end(footer, resolve) : this.#stream.write(footer, () => resolve()),
      );
      await Promise.race([out, this.closed]);
    }
    this.#failure.throw(this.#name);
  }
}

/** A file of ours alone. Whatever ends us, it is a whole document as far as it goes. */
class FileOutput implements Output {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #failure = new Failure();
  /** What stands before it is there for good; the footer begins here. */
  #position = 0;
  #footer = "";
  #emptied: Promise<void> | undefined;

  constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  get failed(): boolean {
    return this.#failure.error !== undefined;
  }

  get closed(): Promise<void> {
    return this.#failure.closed;
  }

  async write(pieces: Iterable<string>, footer = ""): Promise<void> {
    if (this.failed) return;
    try {
      await (this.#emptied ??= this.#file.truncate());
      await this.#append(pieces, footer);
    } catch (error) {
      this.#failure.set(error);
      await this.#cut().catch(() => {}); // the failure is told in any case
    }
  }

  async end(footer = ""): Promise<void> {
    await this.write([], footer);
    if (!this.failed) await this.#cutAfterFooter();
    await this.#file.close();
    this.#failure.throw(this.#path);
  }

  async #append(pieces: Iterable<string>, footer: string): Promise<void> {
    let position = this.#position;
    let last = Buffer.alloc(0);
    for (const chunk of gather(pieces, fileChunk)) {
      position += await this.#writeAt(position, last);
      last = Buffer.from(chunk);
    }
    // In one write with the footer: but for the moment that it takes, the document is whole.
    await this.#writeAt(position, Buffer.concat([last, Buffer.from(footer)]));
    this.#position = position + last.length;
    this.#footer = footer;
  }

  /** Takes back what was written in part. */
  async #cut(): Promise<void> {
    await this.#writeAt(this.#position, Buffer.from(this.#footer));
    await this.#cutAfterFooter();
  }

  /** An earlier footer may have been longer. */
  async #cutAfterFooter(): Promise<void> {
    await this.#file.truncate(this.#position + Buffer.byteLength(this.#footer));
  }

  /** Gives the number of bytes. */
  async #writeAt(position: number, bytes: Buffer): Promise<number> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
    return bytes.length;
  }
}

/** The pieces put together to chunks of about `size` characters. */
function* gather(pieces: Iterable<string>, size: number): Generator<string> {
  let chunk = "";
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < size) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function cannotWrite(name: string, error: unknown): CaptureError {
  return new CaptureError(`can't write ${name}: ${codeOf(error)}`);
}
