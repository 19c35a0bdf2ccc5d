/** The thread that reads a recording: an editor must not wait for a file. It ends when it is told to. */
import { dirname } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { FileBytes, MemoryBytes } from "./bytes.ts";
import type { SearchParams } from "../protocol/search.ts";
import { idsToSearch } from "../search/ids.ts";
import { search } from "../search/search.ts";
import type { Searchable } from "../search/texts.ts";
import type { Answer, Input, Message, Question } from "./messages.ts";
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
    tell({ tell: "answer", number, result: await answerOf(reader, question) });
  } catch (error) {
    tell({ tell: "refusal", number, message: messageOf(error) });
  }
}

function answerOf(reader: Reader, question: Question): Promise<Answer> {
  switch (question.ask) {
    case "exchange":
      return reader.exchange(question.id);
    case "body":
      return reader.body(question.params);
    case "search":
      return search(question.params, exchangesOf(reader, question.params));
  }
}

async function* exchangesOf(reader: Reader, params: SearchParams): AsyncGenerator<Searchable> {
  const all = reader.exchanges.map(({ id }) => id);
  for (const id of idsToSearch(all, params)) {
    const exchange = await reader.exchange(id);
    const read: Searchable["read"] = (side, start, end) => reader.body({ id, side, start, end });
    if (exchange !== null) yield { exchange, read };
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
