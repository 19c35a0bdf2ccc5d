/** The thread that reads descriptors: of large sets of them it takes a second or more, for which no editor must wait. */
import { parentPort, workerData } from "node:worker_threads";
import { DescriptorBuilder } from "../../content/protobuf/descriptor-builder.ts";
import { addDescribedFile, filesOfSet } from "../../content/protobuf/descriptor-set.ts";
import type { ProtoInput, ProtoOutput } from "./proto-messages.ts";
import { addProtoSource } from "./proto-source.ts";

const { sources, sets } = workerData as ProtoInput;
const builder = new DescriptorBuilder();
const problems: string[] = [];

function attempt(path: string, add: () => void): void {
  try {
    add();
  } catch (error) {
    problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

for (const { path, text } of sources) attempt(path, () => addProtoSource(builder, text));
for (const { path, bytes } of sets)
  attempt(path, () => {
    const files = filesOfSet(bytes);
    if (files.length === 0) throw new Error("it is no set of descriptors");
    for (const file of files) addDescribedFile(builder, file);
  });
const output: ProtoOutput = { descriptors: builder.finish(), problems };
parentPort?.postMessage(output);
