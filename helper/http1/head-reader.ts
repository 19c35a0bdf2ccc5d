import { latin1, parseHead, type Head } from "./head.ts";

/** Reads one direction's heads. Programs repeat themselves: a head equal to the last one is not parsed again. */
export class HeadReader {
  #bytes = new Uint8Array(0);
  #head: Head | undefined;

  /** The head that `bytes` are, the empty line included; it may be shared, so nobody may change it. */
  read(bytes: Uint8Array): Head | undefined {
    if (bytes.length === this.#bytes.length && Buffer.compare(bytes, this.#bytes) === 0) return this.#head;
    this.#head = parseHead(latin1(bytes, 0, bytes.length));
    this.#bytes = new Uint8Array(bytes);
    return this.#head;
  }
}
