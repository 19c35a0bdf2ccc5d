/** Bytes that lie in a file, or in memory. */
import { open, stat, type FileHandle } from "node:fs/promises";

export interface Bytes {
  readonly size: number;
  /**
   * Those of `[offset, offset + length)`; rejects with words for a person where they can't be had any more. `into`, at least as
   * long, may be what holds them: then they are there until it is used again.
   */
  read(offset: number, length: number, into?: Buffer): Promise<Buffer>;
}

export class MemoryBytes implements Bytes {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Promise<Buffer> {
    return Promise.resolve(this.#bytes.subarray(offset, offset + length));
  }
}

/** Of a file as it was when it was opened: what has become another since is not read. */
export class FileBytes implements Bytes {
  readonly size: number;
  readonly #path: string;
  readonly #identity: string;

  private constructor(path: string, size: number, identity: string) {
    this.#path = path;
    this.size = size;
    this.#identity = identity;
  }

  static async open(path: string): Promise<FileBytes> {
    const file = await open(path);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new Error("It is no file.");
      return new FileBytes(path, stats.size, await identityOf(file));
    } finally {
      await file.close();
    }
  }

  async read(offset: number, length: number, into?: Buffer): Promise<Buffer> {
    const file = await this.#open();
    try {
      if ((await identityOf(file)) !== this.#identity)
        throw new Error("The file has changed since it was opened.");
      const size = Math.max(Math.min(length, this.size - offset), 0);
      const buffer = into?.subarray(0, size) ?? Buffer.alloc(size);
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, offset + filled);
        if (bytesRead === 0) throw new Error("The file has changed since it was opened.");
        filled += bytesRead;
      }
      return buffer;
    } finally {
      await file.close();
    }
  }

  async #open(): Promise<FileHandle> {
    try {
      return await open(this.#path);
    } catch (error) {
      const isThere = await stat(this.#path).then(
        () => true,
        () => false,
      );
      throw isThere ? error : new Error("The file is no longer there.", { cause: error });
    }
  }
}

async function identityOf(file: FileHandle): Promise<string> {
  const { dev, ino, size, mtimeNs } = await file.stat({ bigint: true });
  return [dev, ino, size, mtimeNs].join(" ");
}
