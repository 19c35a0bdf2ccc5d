import { latin1 } from "./bytes.ts";
import { parseHead, type Head } from "./head.ts";

/** Reads one direction's heads. Programs repeat themselves: a head equal to the last one is not parsed again. */
export class HeadReader {
  #text = "";
  #head: Head | undefined;

  /** The head that `bytes` are, the empty line included; it may be shared, so nobody may change it. */
  read(bytes: Uint8Array): Head | undefined {
    const text = latin1(bytes, 0, bytes.length);
    if (text !== this.#text) {
      this.#text = text;
      this.#head = parseHead(text);
    }
    return this.#head;
  }
}
