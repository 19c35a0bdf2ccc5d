/** What passes between the thread that reads descriptors and the one that wants them. */
import type { Descriptors } from "../../content/protobuf/descriptors.ts";

export interface ProtoInput {
  /** `.proto` files. */
  sources: { path: string; text: string }[];
  /** Descriptor sets, as `protoc --descriptor_set_out` writes them. */
  sets: { path: string; bytes: Uint8Array }[];
}

export interface ProtoOutput {
  descriptors: Descriptors;
  /** Files that could not be read, and why: a sentence each. */
  problems: string[];
}
