/** VS Code itself, by @vscode/test-electron's download where that is reachable. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadAndUnzipVSCode } from "@vscode/test-electron";
import { installExtensions } from "./extensions.ts";
import { cache } from "./paths.mjs";
import { step } from "./progress.mjs";

const site = "https://update.code.visualstudio.com";

/** @returns the path of a VS Code in the cache, downloaded if need be; undefined where its site is out of reach */
export async function findDesktop(): Promise<string | undefined> {
  try {
    await fetch(site, { method: "HEAD", signal: AbortSignal.timeout(4000) });
  } catch {
    return undefined;
  }
  return step("making sure of VS Code by @vscode/test-electron", () =>
    downloadAndUnzipVSCode({ cachePath: join(cache, "vscode") }),
  );
}

export interface DesktopOptions {
  workspace: string;
  /** Folder of the extension under development. */
  extension: string;
  /** Folders of others, that are copied. */
  others: string[];
  env: NodeJS.ProcessEnv;
  /** The module whose `run` the extension host calls; the window closes after it. */
  tests?: string;
}

/** Starts VS Code with data of its own that is thrown away when its window is closed. */
export function startDesktop(vscode: string, options: DesktopOptions): { closed: Promise<void> } {
  const data = mkdtempSync(join(tmpdir(), "tinytap-vscode-"));
  installExtensions(join(data, "extensions"), options.others);
  const args = [
    `--extensionDevelopmentPath=${options.extension}`,
    ...(options.tests === undefined ? [] : [`--extensionTestsPath=${options.tests}`]),
    ...["--user-data-dir", join(data, "user"), "--extensions-dir", join(data, "extensions")],
    ...[
      "--disable-workspace-trust",
      "--skip-welcome",
      "--skip-release-notes",
      "--disable-gpu",
      "--no-sandbox",
    ],
    options.workspace,
  ];
  // Where there is no display, one that nobody sees.
  const hidden = !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"];
  const [command, before] = hidden ? ["xvfb-run", ["-a", vscode]] : [vscode, []];
  const child = spawn(command, [...before, ...args], { env: options.env, stdio: "ignore" });
  const closed = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve());
  }).finally(() => rmSync(data, { recursive: true, force: true, maxRetries: 5 }));
  return { closed };
}
