/** The packed extension, installed into a VS Code that has nothing else: judged by the page, as it hands out no test interface. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { processes } from "../../client/proc.ts";
import { version } from "../../protocol/version.ts";
import { packExtension } from "../../scripts/package/pack.ts";
import { stage } from "../../scripts/package/stage.ts";
import { which } from "../../scripts/packages.mjs";
import { root } from "../../scripts/paths.mjs";
import { ensureNodePackage } from "../../scripts/setup.mjs";
import type { WorkbenchPage } from "../../scripts/workbench-page.ts";
import { freePort } from "../free-port.ts";
import { openWindow, type OpenWindow } from "../vscode/open-window.ts";
import { whyNoWindow } from "../vscode/why-no-window.ts";

const skip = (await whyNoWindow()) ?? false;

describe("the installed extension", { skip }, () => {
  let folder: string;
  let vsix: string;
  let address: string;
  let window: OpenWindow | undefined;
  let page: Page;
  let workbench: WorkbenchPage;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tinytap-installed-"));
    const { extension } = await stage(join(folder, "staged"));
    vsix = join(folder, "tinytap.vsix");
    await packExtension(extension, vsix);
    const older = join(folder, "older.vsix");
    const manifest = join(extension, "package.json");
    const packed = JSON.parse(readFileSync(manifest, "utf8"));
    writeFileSync(manifest, JSON.stringify({ ...packed, version: "0.0.1" }));
    await packExtension(extension, older);
    rmSync(join(folder, "staged"), { recursive: true });

    const workspace = join(folder, "workspace");
    cpSync(join(root, "examples/node-api"), workspace, { recursive: true });
    address = `http://127.0.0.1:${await freePort()}`;
    const program = "${workspaceFolder}/server.mjs";
    const launch = { name: "API", type: "node", request: "launch", program };
    const configurations = [{ ...launch, env: { PORT: new URL(address).port } }];
    mkdirSync(join(workspace, ".vscode"));
    writeFileSync(join(workspace, ".vscode/launch.json"), JSON.stringify({ configurations }));

    window = await openWindow("installed", {
      workspace,
      others: [],
      packed: [older],
      env: { PATH: await barePath(), HOME: folder },
    });
    ({ page, workbench } = window);
  });

  after(async () => {
    try {
      await window?.close();
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });

  /** Node, a shell and what gives root: no compiler, no npm. */
  async function barePath(): Promise<string> {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    symlinkSync(await ensureNodePackage(), join(bin, "node"));
    for (const name of ["sh", "bash", "sudo", "ps", "env", "cat"]) {
      const path = which(name);
      if (path !== undefined) symlinkSync(path, join(bin, name));
    }
    return bin;
  }

  const answers = (path: string): Promise<boolean> =>
    fetch(address + path).then(
      async (response) => (await response.arrayBuffer()) && true,
      () => false,
    );

  async function debug(path: string): Promise<void> {
    await workbench.command("Tinytap: Focus on HTTP Exchanges View");
    await workbench.command("Debug: Start Debugging");
    for (let waited = 0; !(await answers(path)); waited += 100) {
      assert.ok(waited < 30_000, "the program was not debugged");
      await sleep(100);
    }
    await workbench.command("Tinytap: Focus on HTTP Exchanges View");
    await workbench.rows(`GET ${path}`).waitFor();
  }

  /** A request that is captured now, and whose page opens. */
  async function proveCapture(path: string): Promise<void> {
    assert.ok(await answers(path));
    // The list holds still while a row of it is selected.
    await workbench.command("Tinytap: Follow the Newest Exchange");
    await workbench.rows(`GET ${path}`).click();
    await workbench.response(path).text.getByText("no such thing").waitFor();
  }

  /** Of the installed extensions whose helpers run. */
  async function versions(): Promise<string[]> {
    const all = await processes.all();
    const lines = await Promise.all(all.map(async ({ pid }) => (await processes.commandLine(pid)).join(" ")));
    return lines.flatMap((line) => /tinytap\.tinytap-([\d.]+)[^/]*\/dist\/helper\.cjs/.exec(line)?.[1] ?? []);
  }

  test("captures at the first F5, and shows a body", async () => {
    await debug("/first");
    assert.deepEqual(await versions(), ["0.0.1"]);
    await proveCapture("/first-body");
  });

  test("a newer version installed meanwhile leaves the running capture alone, and VS Code says what to do", async () => {
    await workbench.command("Extensions: Install from VSIX...");
    await workbench.answerDialog(vsix);
    await page.locator(".statusbar-item .codicon-bell-dot").waitFor({ timeout: 60_000 });
    await workbench.command("Notifications: Show Notifications");
    await page
      .locator(".notifications-center")
      .getByText(/Please reload/)
      .waitFor();
    await proveCapture("/after-update");
  });

  test("after Reload Window it is the newer version that captures", async () => {
    await workbench.command("Debug: Stop");
    await page.reload();
    await page.getByText("See the HTTP requests of your program as it runs").waitFor({ timeout: 120_000 });
    await debug("/reloaded");
    assert.deepEqual(await versions(), [version]);
    await proveCapture("/reloaded-body");
  });

  test("the same version installed again under the running capture leaves it alone too", async () => {
    await window?.server.install(vsix);
    await proveCapture("/after-same");
    await workbench.command("Debug: Stop");
  });
});
