/** Server reflection, by which a server tells of its services: what is asked and answered (`reflection.proto`, v1 and v1alpha). */
import { Fields } from "../protobuf/fields.ts";

export const reflectionMethods = [
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
  "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
] as const;

export type ReflectionQuestion =
  | { ask: "services" }
  /** The file in which a service, or a message, is; whatever else it needs may come along. */
  | { ask: "symbol"; name: string }
  | { ask: "file"; name: string };

const questionNumbers = { services: 7, symbol: 4, file: 3 };

/** A ServerReflectionRequest. */
export function reflectionRequest(question: ReflectionQuestion): Uint8Array {
  // The list of services is asked for by any text.
  const text = new TextEncoder().encode(question.ask === "services" ? "" : question.name);
  const tag = (questionNumbers[question.ask] << 3) | 2;
  const length = text.length < 0x80 ? [text.length] : [(text.length & 0x7f) | 0x80, text.length >> 7];
  return Uint8Array.of(tag, ...length, ...text);
}

export interface ReflectionAnswer {
  /** Full names. */
  services: string[];
  /** Each a FileDescriptorProto. */
  files: Uint8Array[];
  /** What the server says instead. */
  error?: string;
}

/** A ServerReflectionResponse. */
export function reflectionAnswer(bytes: Uint8Array): ReflectionAnswer {
  const answer = Fields.of(bytes);
  const [error] = answer.messages(7);
  return {
    services: answer.messages(6).flatMap((list) => list.messages(1).map((service) => service.text(1))),
    files: answer.messages(4).flatMap((found) => found.all(1)),
    ...(error && { error: error.text(2) || `error ${error.integer(1)}` }),
  };
}
