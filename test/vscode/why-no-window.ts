import { ensureBrowser } from "../../scripts/browser.ts";
import { ensureCodeServer } from "../../scripts/code-server.ts";
import { findDesktop } from "../../scripts/desktop.ts";
import { whyNotInstalled } from "../../scripts/packages.mjs";

/** Why the window can't be driven here; undefined where it can. Installs what that takes. */
export async function whyNoWindow(): Promise<string | undefined> {
  if ((await findDesktop()) !== undefined) return "the window is driven in code-server's build only";
  return whyNotInstalled(async () => {
    await ensureCodeServer();
    await ensureBrowser();
  });
}
