/** The thread that reads a recording: an editor must not wait for a file. It ends when it is told to. */
import { dirname } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { FileBytes, MemoryBytes } from "./bytes.ts";
import type { Input, Message, Question } from "./messages.ts";
import { Reader } from "./reader.ts";

const input = workerData as Input;
/** Milliseconds between two words on how far it is. */
const calm = 100;

function tell(message: Message): void {
  parentPort?.postMessage(message);
}

async function open(): Promise<Reader> {
  const file = "path" in input ? await FileBytes.open(input.path) : new MemoryBytes(input.bytes);
  let told = 0;
  const onProgress = (read: number, exchanges: number) => {
    const now = performance.now();
    if (now - told < calm) return;
    told = now;
    tell({ tell: "progress", read, size: file.size, exchanges });
  };
  return Reader.open(file, { ...("path" in input && { folder: dirname(input.path) }), onProgress });
}

async function answer(reader: Reader, question: Question): Promise<void> {
  const { number } = question;
  try {
    const result =
      question.ask === "exchange" ? await reader.exchange(question.id) : await reader.body(question.params);
    tell({ tell: "answer", number, result });
  } catch (error) {
    tell({ tell: "refusal", number, message: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<void> {
  try {
    const reader = await open();
    parentPort?.on("message", (question: Question) => void answer(reader, question));
    const { exchanges, source, redacted, problem } = reader;
    tell({ tell: "open", exchanges, source, redacted, problem });
  } catch (error) {
    tell({ tell: "failure", message: messageOf(error) });
  }
}

void main();
