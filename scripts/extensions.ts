import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Puts extensions as they lie into a new `--extensions-dir`: VS Code takes up what it finds at its first start. */
export function installExtensions(target: string, extensions: string[]): void {
  for (const extension of extensions) {
    const { publisher, name, version } = JSON.parse(readFileSync(join(extension, "package.json"), "utf8"));
    cpSync(extension, join(target, `${publisher}.${name}-${version}`), { recursive: true });
  }
}
