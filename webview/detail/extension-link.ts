/** Messages to and from the extension. */
import type { Side } from "../../protocol/exchange.ts";
import type { BodyForm, BodyMatches, BodySearch, Conversation, DecodedSize } from "../../protocol/webview.ts";
import type { FromPage, ToPage } from "../../protocol/webview.ts";
import type { PageState } from "./page-state.ts";

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): PageState | undefined;
  setState(state: PageState): void;
};

/** To be had once per page. */
export const vscode = acquireVsCodeApi();

type Answer = Extract<ToPage, { call: number }>;

const pending = new Map<number, (answer: Answer) => void>();
let calls = 0;

/** Bytes `[start, end)` of a body. */
export async function readBody(
  key: string,
  side: Side,
  of: BodyForm,
  start: number,
  end: number,
): Promise<Uint8Array> {
  return (await ask("bytes", (call) => ({ type: "read", call, key, side, of, start, end }))).bytes;
}

/** Takes a body's codings off: its content can be read then. */
export async function decodeBody(key: string, side: Side): Promise<DecodedSize> {
  return (await ask("decoded", (call) => ({ type: "decode", call, key, side }))).decoded;
}

/** Finds a text, drawn or not. */
export async function findInBody(
  { key, ...search }: BodySearch & { key: string },
  signal: AbortSignal,
): Promise<BodyMatches> {
  const { found } = await ask("found", (call) => {
    signal.addEventListener("abort", () => vscode.postMessage({ type: "cancel", call }));
    return { type: "find", call, key, ...search };
  });
  return found;
}

export async function readMessages(key: string): Promise<Conversation> {
  return (await ask("messages", (call) => ({ type: "messages", call, key }))).messages;
}

/** Has the server asked for its descriptors. Rejects with what it says instead. */
export async function describe(key: string): Promise<void> {
  await ask("described", (call) => ({ type: "describe", call, key }));
}

/** Puts a text on the clipboard. */
export function copy(text: string): void {
  vscode.postMessage({ type: "copy", text });
}

function ask<Type extends Answer["type"]>(
  type: Type,
  question: (call: number) => FromPage,
): Promise<Extract<Answer, { type: Type }>> {
  const call = ++calls;
  return new Promise((resolve, reject) => {
    pending.set(call, (answer) => {
      if (answer.type === type) resolve(answer as Extract<Answer, { type: Type }>);
      else reject(new Error(answer.type === "failed" ? answer.message : "That was no answer."));
    });
    vscode.postMessage(question(call));
  });
}

/** `listener` hears what isn't an answer. */
export function listen(listener: (message: Extract<ToPage, { type: "show" | "gone" }>) => void): void {
  window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
    if (!("call" in data)) return listener(data);
    pending.get(data.call)?.(data);
    pending.delete(data.call);
  });
}
