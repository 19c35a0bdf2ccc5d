/** The real workbench with a stand-in for the helper, whose traffic a test makes. */
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/paths.mjs";
import { buildStandIn } from "../stand-in/build.ts";
import { StandIns } from "../stand-in/stand-ins.ts";
import { openWindow, type OpenWindow } from "./open-window.ts";

export interface StandInWindow extends OpenWindow {
  readonly workspace: string;
  readonly home: string;
  readonly standIns: StandIns;
  /** Starts a capture of this process, which may fail. */
  chooseProcess(): Promise<void>;
  /** Captures this process, which listens as the watched program would. */
  startCapture(): Promise<void>;
}

/** `name`: of its folder, which goes with it, and so short. */
export async function openStandInWindow(name: string): Promise<StandInWindow> {
  const folder = mkdtempSync(join(tmpdir(), `tinytap-${name}-`));
  const [workspace, home] = [join(folder, "examples"), join(folder, "home")];
  cpSync(join(root, "examples"), workspace, { recursive: true });
  mkdirSync(home);
  const env = { ...process.env, HOME: home, TINYTAP_STAND_IN: await buildStandIn(folder) };
  const standIns = new StandIns(folder);
  const window = await openWindow(name, { workspace, extension: root, others: [], env });
  const { page, workbench } = window;
  const listener = createServer();
  await once(listener.listen(0, "127.0.0.1"), "listening");

  const chooseProcess = async () => {
    await workbench.command("Tinytap: Focus on HTTP Exchanges View");
    await workbench.command("Tinytap: Start Capture");
    const pick = page.locator(".quick-input-list .monaco-list-row", { hasText: `pid ${process.pid}` });
    await page.getByPlaceholder("The process to watch").fill(String(process.pid));
    await pick.first().click();
  };

  return {
    ...{ ...window, workspace, home, standIns, chooseProcess },
    async startCapture() {
      await chooseProcess();
      await page.getByRole("button", { name: "Stop Capture" }).first().waitFor();
    },
    async close() {
      await window.close();
      listener.close();
      standIns.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
