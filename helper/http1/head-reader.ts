import { parseHead, type Head } from "./head.ts";

/** Reads one direction's heads. Programs repeat themselves: a head equal to the last one is not parsed again. */
export class HeadReader {
  #text = "";
  #head: Head | undefined;

  /** The head that `[start, end)` of `bytes` is, the empty line included; it may be shared, so nobody may change it. */
  read(bytes: Buffer, start: number, end: number): Head | undefined {
    const text = bytes.toString("latin1", start, end);
    if (text !== this.#text) {
      this.#text = text;
      this.#head = parseHead(text);
    }
    return this.#head;
  }
}
