import * as vscode from "vscode";
import type { SendfileMode } from "../protocol/capture.ts";
import { defaultMaxBody, defaultMaxTotal, type CaptureOptions } from "../protocol/rpc.ts";
import { setting } from "./names.ts";

/** What the settings say of the next capture. */
export function captureOptions(): CaptureOptions {
  const configuration = vscode.workspace.getConfiguration();
  return {
    sendfile: configuration.get<SendfileMode>(setting.sendfile, "auto"),
    maxBody: configuration.get(setting.maxBodySize, defaultMaxBody),
    maxTotal: configuration.get(setting.maxTotalSize, defaultMaxTotal),
  };
}
