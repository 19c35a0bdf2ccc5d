/** A Chromium for playwright-core, which brings none. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { ensurePackages, which } from "./packages.mjs";
import { root } from "./paths.mjs";
import { run, SetupError, step } from "./progress.mjs";

/** @returns the path of a Chromium or Chrome that can be driven */
export async function ensureBrowser(): Promise<string> {
  const found = findBrowser();
  if (found !== undefined) return found;
  // Ubuntu's package only points at a snap, whose confinement keeps it from our folders.
  if (/^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8")))
    await ensurePackages([
      {
        package: "chromium",
        why: "shows VS Code and is driven by the tests",
        present: () => findBrowser() !== undefined,
      },
    ]);
  else
    await step("downloading Chromium by playwright-core", (log) =>
      run(
        process.execPath,
        [join(root, "node_modules/playwright-core/cli.js"), "install", "--with-deps", "chromium"],
        {
          log,
        },
      ),
    ).catch((error: unknown) => {
      throw new SetupError(
        `no Chromium here that can be driven (a snap can't): please install Google Chrome.\n${String(error)}`,
      );
    });
  const installed = findBrowser();
  if (installed === undefined) throw new SetupError("Chromium was installed, but is not found");
  return installed;
}

function findBrowser(): string | undefined {
  const names = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];
  const own = chromium.executablePath();
  return [...names.map((name) => which(name)), own].find(
    (path) => path !== undefined && existsSync(path) && !isSnap(path),
  );
}

/** A snap, or the stub that tells of one. */
function isSnap(path: string): boolean {
  return path.startsWith("/snap/") || readFileSync(path).subarray(0, 4096).includes("snap");
}

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await ensureBrowser(),
    // A signal must not end the process before at-end.ts has.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
    ],
  });
}
