/** The extension where the machine can't capture, in the real VS Code: the machine is made to look like another. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { obstacleText } from "../../client/machine.ts";
import { launchBrowser } from "../../scripts/browser.ts";
import { startCodeServer } from "../../scripts/code-server.ts";
import { dist, root } from "../../scripts/paths.mjs";
import { WorkbenchPage } from "../../scripts/workbench-page.ts";
import { whyNoWindow } from "./why-no-window.ts";

const skip = (await whyNoWindow()) ?? false;

const machines = [
  { name: "macos", facts: { platform: "darwin", arch: "arm64" } },
  { name: "confined", facts: { userNamespace: true } },
] as const;

describe("on a machine that can't capture", { skip }, () => {
  let folder: string;
  let workspace: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tinytap-foreign-"));
    workspace = join(folder, "workspace");
    cpSync(join(root, "examples/node-api"), workspace, { recursive: true });
    mkdirSync(join(workspace, ".vscode"));
    // It says that it ran: so the debugger, which the gate would hold, has passed.
    writeFileSync(
      join(workspace, "program.mjs"),
      `import { writeFileSync } from "node:fs"; writeFileSync(process.env.MARK, "");`,
    );
    // A helper would be started as this one is.
    writeFileSync(
      join(folder, "helper.cjs"),
      `require("node:fs").writeFileSync(${JSON.stringify(join(folder, "helper-ran"))}, "")`,
    );
  });

  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  for (const { name, facts } of machines)
    test(`${name}: the view says what is missing, F5 debugs as ever, and nothing else happens until one asks`, async () => {
      const mark = join(folder, `${name}-debugged`);
      const launch = {
        name: "Program",
        type: "node",
        request: "launch",
        program: "${workspaceFolder}/program.mjs",
      };
      writeFileSync(
        join(workspace, ".vscode/launch.json"),
        JSON.stringify({ configurations: [{ ...launch, env: { MARK: mark } }] }),
      );
      const server = await startCodeServer({
        ...{ workspace, extension: root, others: [] },
        env: {
          ...process.env,
          TINYTAP_STAND_IN: join(folder, "helper.cjs"),
          TINYTAP_STAND_IN_MACHINE: JSON.stringify(facts),
        },
      });
      const browser = await launchBrowser();
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      try {
        page.setDefaultTimeout(20_000);
        const workbench = new WorkbenchPage(page);
        await workbench.open(server.url());
        await workbench.command("Tinytap: Focus on HTTP Exchanges View");
        const [says = ""] = obstacleText[name].split(". ");
        await page.locator(".welcome-view").getByText(says).waitFor();
        await workbench.command("Debug: Start Debugging");
        for (let waited = 0; !existsSync(mark); waited += 100) {
          assert.ok(waited < 30_000, "the program was not debugged");
          await page.waitForTimeout(100);
        }
        assert.equal(await page.locator(".statusbar-item", { hasText: "Tinytap" }).count(), 0);
        // Driven by a test, VS Code shows no toasts: a bell with a dot stands for them.
        const messages = page.locator(".statusbar-item .codicon-bell-dot");
        assert.equal(await messages.count(), 0);
        await workbench.command("Tinytap: Start Capture");
        await messages.waitFor();
        assert.ok(!existsSync(join(folder, "helper-ran")), "a helper was started");
      } finally {
        await page.screenshot({ path: join(dist, `test/foreign-${name}.png`) });
        await browser.close();
        await server.close();
      }
    });
});
