/** Frames as they are on the wire, and what a reader says of them. */
import type { MissingReason, Source } from "../../../protocol/exchange.ts";
import { FrameReader, type Begin, type FrameSink } from "../../../helper/http2/frames.ts";
import { frameFlag, frameType, hasFlag, type FrameHead } from "../../../helper/http2/frame.ts";
import { bytesOf } from "../http/script.ts";
import { TestMemory } from "../memory.ts";

export function frame(
  type: keyof typeof frameType | number,
  flags: number,
  stream: number,
  payload: string | Uint8Array = "",
): Buffer {
  const bytes = bytesOf(payload);
  const head = Buffer.alloc(9);
  head.writeUIntBE(bytes.length, 0, 3);
  head[3] = typeof type === "number" ? type : frameType[type];
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, bytes]);
}

/** DATA with so many bytes of padding. */
export function padded(stream: number, data: string | Uint8Array, padding: number, flags = 0): Buffer {
  const payload = Buffer.concat([Buffer.of(padding), bytesOf(data), Buffer.alloc(padding)]);
  return frame("data", frameFlag.padded | flags, stream, payload);
}

/** What a direction's bytes turn into, as lines: neighbouring data is joined. */
export class Seen implements FrameSink {
  readonly lines: string[] = [];
  readonly memory = new TestMemory(4);
  readonly reader: FrameReader;

  constructor(begin: Begin) {
    this.reader = new FrameReader(begin, this, this.memory.slabs);
  }

  give(bytes: string | Uint8Array, callStart = true, source: Source = "read"): this {
    const data = bytesOf(bytes);
    this.reader.data(this.memory.append(data), data.length, source, callStart);
    this.memory.flush();
    return this;
  }

  gap(length: number, reason: MissingReason = "ring-full"): this {
    this.reader.gap(length, reason);
    return this;
  }

  isOpen(stream: number): boolean {
    return stream < 4;
  }

  frame(head: FrameHead): void {
    this.lines.push(`${nameOf(head)} ${head.stream}`);
  }

  data({ stream }: FrameHead, at: number, length: number): void {
    const text = Buffer.from(this.memory.slabs.view(at, length)).toString("latin1");
    const last = this.lines.at(-1);
    if (last?.startsWith(`data ${stream}: `) === true) this.lines.splice(-1, 1, last + text);
    else this.lines.push(`data ${stream}: ${text}`);
  }

  missing({ stream }: FrameHead, length: number, reason: MissingReason): void {
    this.lines.push(`missing ${stream}: ${length} ${reason}`);
  }

  dataEnd(head: FrameHead, whole: boolean): void {
    const end = hasFlag(head, frameFlag.endStream) ? " of stream" : "";
    this.lines.push(`end${end} ${head.stream}${whole ? "" : ", unsure"}`);
  }

  payload(_head: FrameHead, bytes: Uint8Array, whole: boolean): void {
    this.lines.push(`payload ${Buffer.from(bytes).toString("latin1")}${whole ? "" : "…"}`);
  }

  lost(length: number): void {
    const last = /^lost (\d+)$/.exec(this.lines.at(-1) ?? "");
    if (last === null) this.lines.push(`lost ${length}`);
    else this.lines.splice(-1, 1, `lost ${Number(last[1]) + length}`);
  }
}

function nameOf({ type }: FrameHead): string {
  return Object.entries(frameType).find(([, number]) => number === type)?.[0] ?? `type ${type}`;
}
