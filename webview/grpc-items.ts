import { parseGrpc, type GrpcMessage } from "../content/grpc.ts";
import { parseProtobuf, protobufText } from "../content/protobuf.ts";
import type { Arrival } from "../protocol/exchange.ts";
import { durationText, sizeText } from "../protocol/format.ts";
import { h } from "./dom.ts";
import { hexText } from "./hex.ts";
import type { ReadItems } from "./items-view.ts";

/** Characters of a message that its closed row shows. */
const rowLength = 300;

/** gRPC's messages, their fields by number. `arrivals`: of the bytes that are read; `coding`: of the compressed ones. */
export function grpcItems(arrivals: () => readonly Arrival[], coding: string): ReadItems {
  return (bytes) => {
    const { messages, brokenAt } = parseGrpc(bytes);
    const items = messages.map((message) => {
      const time = arrivals().findLast(([start]) => start < message.end)?.[1];
      const { text, fault } = contentText(message, coding);
      const key = JSON.stringify([message.end, text, time]);
      return { key, element: () => messageElement(message, time, text, fault) };
    });
    return {
      items,
      ...(brokenAt !== undefined && { note: `from byte ${brokenAt} on these are no messages` }),
    };
  };
}

function contentText(message: GrpcMessage, coding: string): { text: string; fault: string } {
  const { bytes, length, isCompressed, isTrailers } = message;
  if (isTrailers) return { text: new TextDecoder().decode(bytes), fault: "" };
  if (isCompressed)
    return { text: hexText(bytes), fault: `compressed${coding === "" ? "" : ` by ${coding}`}` };
  if (bytes.length < length) return { text: hexText(bytes), fault: "not all of it is there" };
  const fields = parseProtobuf(bytes);
  return fields === undefined
    ? { text: hexText(bytes), fault: "no Protocol Buffers" }
    : { text: protobufText(fields), fault: "" };
}

function messageElement(
  { length, isTrailers }: GrpcMessage,
  time: number | undefined,
  text: string,
  fault: string,
) {
  const facts = [
    time === undefined ? "" : durationText(time),
    sizeText(length),
    isTrailers ? "trailers" : "",
    fault,
  ];
  const summary = h(
    "summary",
    {},
    h("span", { class: "fact" }, facts.filter((fact) => fact !== "").join(" · ")),
    " ",
    text.replaceAll(/\s+/g, " ").slice(0, rowLength),
  );
  return h("li", {}, h("details", {}, summary, h("pre", {}, text)));
}
