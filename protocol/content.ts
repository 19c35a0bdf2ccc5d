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

/** What both a WebSocket's messages and a call's have. */
interface Message {
  from: "client" | "server";
  /** Milliseconds from the exchange's start to its last byte; absent where nobody knows. */
  time?: number;
  /** Bytes of its payload, as it was sent. */
  size: number;
  isWhole: boolean;
  /** Of what can be read; where it is long, its beginning. */
  text?: string;
  /** Of what is no text, as far as it is worth a look. */
  bytes?: Uint8Array;
  /** Characters or bytes of the content that are not given here. */
  cut?: number;
  /** Why its content can't be shown, or not as it should be. */
  fault?: string;
}

/** Of a close the text is its reason. */
export interface SocketMessage extends Message {
  kind: "text" | "binary" | "close" | "ping" | "pong";
  /** Of a close. */
  code?: number;
}

/** The latest messages of a WebSocket, in the order in which they came. */
export interface SocketMessages {
  messages: SocketMessage[];
  /** What is to be said of what isn't there. */
  notes: string[];
}

/** Of a status the text is what it says beside its name: its message, its details, the trailers. */
export interface CallMessage extends Message {
  kind: "message" | "status";
  /** Of a message its type, where its descriptor is known; of a status its name, e.g. `NOT_FOUND`. */
  name?: string;
  /** Bytes of the content, where the payload was compressed; and by what. */
  unpacked?: { size: number; coding: string };
}

/** The latest messages of a call by gRPC or its like, in the order in which they came, and its status. */
export interface CallMessages {
  messages: CallMessage[];
  /** What is to be said of what isn't there, and of how they were read. */
  notes: string[];
  /** The method has no descriptor: the fields are by number. */
  isUndescribed: boolean;
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
