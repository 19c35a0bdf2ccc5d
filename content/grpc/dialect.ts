/** Which of the ways to call a method an exchange goes: gRPC, gRPC-Web, Connect, or a message as it is. */
import type { Exchange, Header } from "../../protocol/exchange.ts";
import { headerOf, mediaTypeOf } from "../headers.ts";

export interface Dialect {
  name: "gRPC" | "gRPC-Web" | "Connect" | "Protocol Buffers";
  /** Of the message that ends a stream; undefined: the body is one message. */
  endFlag?: number;
  /** The body is a text, of base64. */
  isText: boolean;
  /** Of the messages, e.g. `proto`, `json`. */
  format: string;
  /** By what its compressed messages are; empty where it isn't said. */
  coding: string;
}

const framed = /^application\/(grpc|grpc-web|grpc-web-text|connect)(?:\+([\w.-]+))?$/;
const alone = /^application\/(?:x-|vnd\.google\.)?proto(?:buf)?$/;
const names = {
  grpc: "gRPC",
  "grpc-web": "gRPC-Web",
  "grpc-web-text": "gRPC-Web",
  connect: "Connect",
} as const;

/** Undefined where the headers say nothing of it. */
export function dialectOf(headers: readonly Header[]): Dialect | undefined {
  const { name: type } = mediaTypeOf(headers);
  if (alone.test(type)) return { name: "Protocol Buffers", isText: false, format: "proto", coding: "" };
  const [, kind, format = "proto"] = framed.exec(type) ?? [];
  if (kind === undefined) return undefined;
  const isConnect = kind === "connect";
  return {
    name: names[kind as keyof typeof names],
    endFlag: isConnect ? 2 : 0x80,
    isText: kind === "grpc-web-text",
    format,
    coding: headerOf(headers, isConnect ? "connect-content-encoding" : "grpc-encoding")?.toLowerCase() ?? "",
  };
}

/** Its bodies are such messages. */
export function isGrpc({ request, response }: Exchange): boolean {
  return [request, response].some((head) => dialectOf(head?.headers ?? []) !== undefined);
}

/** The method that a target calls, e.g. `shop.v1.Shop/Buy`, whatever it is mounted below. */
export function methodOf(target: string): string | undefined {
  return /(?:^|\/)([\w.]+\/\w+)\/?(?:\?.*)?$/.exec(target)?.[1];
}
