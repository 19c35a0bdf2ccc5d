import type { Entry } from "har-format";
import { readSocket } from "../content/node/websocket.ts";
import type { SocketMessage } from "../protocol/content.ts";
import type { Exchange, Side } from "../protocol/exchange.ts";
import type { BodyBytes } from "./captured-bytes.ts";

export type WebSocketMessages = NonNullable<Entry["_webSocketMessages"]>;

const opcodes: Record<SocketMessage["kind"], number> = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** Those of which the content is known, as Chrome writes them; what else the bodies hold stands in them. */
export async function webSocketMessages(
  exchange: Exchange,
  bodies: Partial<Record<Side, BodyBytes>>,
): Promise<WebSocketMessages> {
  const read = async (side: Side, start: number, end: number) => {
    const { bytes, missing } = bodies[side] ?? { bytes: new Uint8Array(0), missing: [] };
    const gaps = missing.filter((gap) => gap.start < end && gap.end > start);
    return {
      base64: Buffer.from(bytes.subarray(start, end)).toString("base64"),
      ...{ end, ranges: [] },
      missing: gaps.map((gap) => ({
        ...gap,
        start: Math.max(gap.start, start),
        end: Math.min(gap.end, end),
      })),
    };
  };
  const { messages } = await readSocket(exchange, read, {
    messages: Infinity,
    text: Infinity,
    bytes: Infinity,
  });
  return messages
    .filter(({ isWhole, fault }) => isWhole && fault === undefined)
    .map(({ from, kind, time = 0, text, bytes }) => ({
      type: from === "client" ? "send" : "receive",
      // Seconds since 1970.
      time: (exchange.start + time) / 1000,
      opcode: opcodes[kind],
      data: text ?? Buffer.from(bytes ?? []).toString("base64"),
    }));
}
