import * as vscode from "vscode";
import { defaultRingSize, type SendfileMode } from "../protocol/capture.ts";
import { defaultMemory, type CaptureOptions } from "../protocol/rpc.ts";
import { setting } from "./names.ts";

/** MiB of the next helper's ring buffer. */
export function ringSize(): number {
  return vscode.workspace.getConfiguration().get(setting.ringSize, defaultRingSize);
}

/** What the settings say of the next capture. */
export function captureOptions(): CaptureOptions {
  const configuration = vscode.workspace.getConfiguration();
  const maxBody = configuration.get<number | null>(setting.maxBodySize);
  return {
    sendfile: configuration.get<SendfileMode>(setting.sendfile, "auto"),
    memory: configuration.get(setting.memorySize, defaultMemory),
    ...(typeof maxBody === "number" && { maxBody }),
  };
}
