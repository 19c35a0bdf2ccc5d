/** A body's content: its bytes when the content codings are off. */

/** Why the decoding of a body stopped before its end. */
export type Stop =
  /** The encoded bytes end, or can't be followed further, before the encoding does. */
  | { kind: "cut" }
  | { kind: "corrupt"; coding: string; message: string }
  /** `why`: nobody knows the coding, or this program's Node doesn't. */
  | { kind: "unknown"; coding: string; why: "name" | "node" }
  /** There is more content than so many bytes. */
  | { kind: "limit"; bytes: number }
  /** It took more than so many milliseconds. */
  | { kind: "time"; milliseconds: number };

export interface Decoded {
  /** From the content's beginning, as far as it could be decoded. */
  bytes: Uint8Array;
  /** Absent where the content is whole. */
  stop?: Stop;
}

/** A message of a WebSocket. */
export interface SocketMessage {
  from: "client" | "server";
  kind: "text" | "binary" | "close" | "ping" | "pong";
  /** Milliseconds from the exchange's start to its last byte; absent where nobody knows. */
  time?: number;
  /** Bytes of its payload, as it was sent. */
  size: number;
  isWhole: boolean;
  /** Of a text, and of a close's reason; where it is long, its beginning. */
  text?: string;
  /** Of what is no text, as far as it is worth a look. */
  bytes?: Uint8Array;
  /** Of a close. */
  code?: number;
  /** Characters or bytes of the content that are not given here. */
  cut?: number;
  /** Why its content can't be shown. */
  fault?: string;
}

/** The latest messages of a WebSocket, in the order in which they came. */
export interface SocketMessages {
  messages: SocketMessage[];
  /** What is to be said of what isn't there. */
  notes: string[];
}

/** What a person reads of a decoding that stopped. */
export function stopText(stop: Stop): string {
  switch (stop.kind) {
    case "cut":
      return "the encoded bytes end, or are missing, before the content's end";
    case "corrupt":
      return `what follows is no ${stop.coding} (${stop.message})`;
    case "unknown":
      return stop.why === "name"
        ? `the coding “${stop.coding}” isn't known`
        : `this program's Node can't decode ${stop.coding}; from 22.15 on it can`;
    case "limit":
      return `there is more than the ${stop.bytes / 1024 / 1024} MiB that are decoded`;
    case "time":
      return `decoding took longer than ${stop.milliseconds / 1000} s`;
  }
}
