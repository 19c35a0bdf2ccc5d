import * as vscode from "vscode";
import { defaultRingSize, type SendfileMode } from "../protocol/capture.ts";
import { defaultMemory, longestPattern, mostPatterns, type RunOptions } from "../protocol/rpc.ts";
import type { HelperOptions } from "./client/helpers.ts";
import type { Choice } from "./debug/consent.ts";
import { setting } from "./names.ts";

/** What user, workspace and folder say of capturing what is debugged: each for itself, as the strictest counts. */
export function debugChoices(): (Choice | undefined)[] {
  const known = vscode.workspace.getConfiguration().inspect<Choice>(setting.debugCapture);
  return [known?.globalValue ?? known?.defaultValue, known?.workspaceValue, known?.workspaceFolderValue];
}

/** What the settings say of the next helper. */
export function helperOptions(): HelperOptions {
  const configuration = vscode.workspace.getConfiguration();
  return {
    ringSize: configuration.get(setting.ringSize, defaultRingSize),
    memory: configuration.get(setting.memorySize, defaultMemory),
  };
}

/** What the settings say of the next run. */
export function runOptions(): RunOptions {
  const configuration = vscode.workspace.getConfiguration();
  const maxBody = configuration.get<number | null>(setting.maxBodySize);
  return {
    sendfile: configuration.get<SendfileMode>(setting.sendfile, "auto"),
    exclude: patternsIn(configuration.get(setting.exclude)),
    ...(typeof maxBody === "number" && { maxBody }),
  };
}

/** Those that the helper takes: the settings may be wrong. */
function patternsIn(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  const isPattern = (each: unknown): each is string =>
    typeof each === "string" && each.length <= longestPattern;
  return value.filter(isPattern).slice(0, mostPatterns);
}
