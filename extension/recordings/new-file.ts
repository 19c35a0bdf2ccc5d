/** A file that is there whole, or not at all: it is written beside its place, and takes that when it is done. */
import { randomUUID } from "node:crypto";
import { open, rename, unlink, type FileHandle } from "node:fs/promises";

/** Characters that are gathered for one write. */
const chunkSize = 1024 * 1024;

export class NewFile {
  readonly #path: string;
  readonly #beside: string;
  readonly #file: FileHandle;

  private constructor(path: string, beside: string, file: FileHandle) {
    this.#path = path;
    this.#beside = beside;
    this.#file = file;
  }

  /**
   * Has `write` write what is to become the file `path`. Where that rejects, or the file can't take its place, nothing is
   * left of it, and what was there before stays. Only the user may read it.
   */
  static async make<T>(path: string, write: (file: NewFile) => Promise<T>): Promise<T> {
    const beside = `${path}.${randomUUID()}.part`;
    const file = new NewFile(path, beside, await open(beside, "wx", 0o600));
    try {
      const result = await write(file);
      await file.#finish();
      return result;
    } catch (error) {
      await file.#abandon();
      throw error;
    }
  }

  /** Appends the pieces: short texts many at a time, bytes as they are. */
  async append(pieces: Iterable<string | Uint8Array>): Promise<void> {
    let chunk = "";
    for (const piece of pieces) {
      if (typeof piece === "string") chunk += piece;
      if (typeof piece === "string" && chunk.length < chunkSize) continue;
      await this.#file.appendFile(chunk);
      chunk = "";
      if (typeof piece !== "string") await this.#file.appendFile(piece);
    }
    await this.#file.appendFile(chunk);
  }

  async #finish(): Promise<void> {
    // A disk that is full may say so only now.
    await this.#file.sync();
    await this.#file.close();
    await rename(this.#beside, this.#path);
  }

  async #abandon(): Promise<void> {
    await this.#file.close().catch(() => {}); // it may be closed already
    await unlink(this.#beside).catch(() => {}); // what went wrong is being told
  }
}
