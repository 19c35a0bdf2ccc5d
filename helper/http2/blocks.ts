import { maxHead } from "../../protocol/exchange.ts";
import { Partial } from "../memory/partial.ts";
import { frameFlag, frameType, hasFlag, readStream, type FrameHead } from "./frame.ts";
import { HpackDecoder, type Block } from "./hpack.ts";

/** Bytes of a block that are decoded: beyond, what its fields leave in the table isn't known. */
const maxBlock = 4 * maxHead;

/** What a HEADERS or PUSH_PROMISE frame and those that continue it say. */
export interface HeaderBlock extends Block {
  stream: number;
  /** Of a push: the stream that it will have. 0: lost. */
  promised: number | undefined;
  endStream: boolean;
}

interface Begun {
  stream: number;
  promised: number | undefined;
  endStream: boolean;
}

/** One direction's header blocks from the payloads of its frames. */
export class HeaderBlocks {
  readonly #hpack: HpackDecoder;
  /** The block at hand, its bytes, and whether all of them are there. */
  #begun: Begun | undefined;
  readonly #bytes = new Partial();
  #whole = true;
  /** Its bytes are more than are kept. */
  #isCut = false;

  /** `fromStart`: the first block will be the connection's first. */
  constructor(fromStart: boolean) {
    this.#hpack = new HpackDecoder(fromStart);
  }

  /** A frame's payload, or a beginning of it. Gives the block that ends with it. */
  payload(head: FrameHead, bytes: Buffer): HeaderBlock | undefined {
    const isContinuation = head.type === frameType.continuation;
    if (!isContinuation) this.#begin(head, bytes);
    if (this.#begun === undefined || this.#begun.stream !== head.stream) return undefined;
    const start = Math.min(prefixLength(head), bytes.length);
    const end = Math.max(head.length - paddingLength(head, bytes), start);
    const fragment = bytes.subarray(start, end);
    const isAll = fragment.length === end - start;
    if (!hasFlag(head, frameFlag.endHeaders)) {
      this.#append(fragment, isAll);
      return undefined;
    }
    if (!isContinuation) return this.#decode(fragment, isAll);
    this.#append(fragment, isAll);
    return this.#decode(this.#bytes.bytes, this.#whole);
  }

  /** Another frame comes, or some were lost: a block at hand ends here, without the rest. */
  interrupt(): HeaderBlock | undefined {
    if (this.#begun === undefined) return undefined;
    return this.#decode(this.#bytes.bytes, false);
  }

  /** Blocks may have been lost: what the table holds isn't known. */
  forget(): void {
    this.#hpack.forget();
  }

  #begin(head: FrameHead, bytes: Buffer): void {
    const { stream } = head;
    const isPush = head.type === frameType.pushPromise;
    const at = hasFlag(head, frameFlag.padded) ? 1 : 0;
    const promised = bytes.length < at + 4 ? 0 : readStream(bytes, at);
    this.#begun = {
      stream,
      promised: isPush ? promised : undefined,
      endStream: !isPush && hasFlag(head, frameFlag.endStream),
    };
  }

  #append(fragment: Buffer, isAll: boolean): void {
    const fits = this.#bytes.length + fragment.length <= maxBlock;
    // What comes behind a hole is of no use.
    if (this.#whole && fits) this.#bytes.append(fragment);
    if (this.#whole && !fits) this.#isCut = true;
    if (!isAll || !fits) this.#whole = false;
  }

  #decode(bytes: Buffer, whole: boolean): HeaderBlock | undefined {
    const begun = this.#begun!;
    const block = this.#hpack.decode(bytes, whole);
    if (this.#isCut) Object.assign(block, { whole: true, isCut: true });
    this.#begun = undefined;
    this.#bytes.length = 0;
    this.#whole = true;
    this.#isCut = false;
    return { ...begun, ...block };
  }
}

/** Before the block's bytes: the padding's length, and who is promised, or priority. */
function prefixLength(head: FrameHead): number {
  if (head.type === frameType.continuation) return 0;
  const padding = hasFlag(head, frameFlag.padded) ? 1 : 0;
  if (head.type === frameType.pushPromise) return padding + 4;
  return padding + (hasFlag(head, frameFlag.priority) ? 5 : 0);
}

function paddingLength(head: FrameHead, bytes: Buffer): number {
  return head.type !== frameType.continuation && hasFlag(head, frameFlag.padded) ? (bytes[0] ?? 0) : 0;
}
