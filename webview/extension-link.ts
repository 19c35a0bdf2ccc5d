/** Messages to and from the extension. */
import type { Side } from "../protocol/exchange.ts";
import type { FromPage, ToPage } from "../protocol/webview.ts";
import type { PageState } from "./page-state.ts";

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): PageState | undefined;
  setState(state: PageState): void;
};

/** To be had once per page. */
export const vscode = acquireVsCodeApi();

const pending = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>();
let calls = 0;

/** Bytes `[start, end)` of a body, as the extension has them. */
export function readBody(key: string, side: Side, start: number, end: number): Promise<Uint8Array> {
  const call = ++calls;
  return new Promise((resolve, reject) => {
    pending.set(call, { resolve, reject });
    vscode.postMessage({ type: "read", call, key, side, start, end });
  });
}

/** `listener` hears what isn't an answer. */
export function listen(listener: (message: Extract<ToPage, { type: "show" | "gone" }>) => void): void {
  window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
    if (data.type === "bytes") settle(data.call)?.resolve(data.bytes);
    else if (data.type === "failed") settle(data.call)?.reject(new Error(data.message));
    else listener(data);
  });
}

function settle(call: number) {
  const waiting = pending.get(call);
  pending.delete(call);
  return waiting;
}
