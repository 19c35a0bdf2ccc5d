/** F5 as an ordinary user, with the machine's own sudo and polkit: what is captured, what is asked, and what is said. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../scripts/browser.ts";
import { ensureCodeServer, startCodeServer, type Server } from "../../scripts/code-server.ts";
import { findDesktop } from "../../scripts/desktop.ts";
import { dist, root } from "../../scripts/paths.mjs";
import { ensureNodePackage } from "../../scripts/setup.mjs";
import { WorkbenchPage } from "../../scripts/workbench-page.ts";
import { freePort } from "../free-port.ts";
import { PolkitAgent } from "./polkit-agent.ts";
import { ensureTestUser, TestUser, whyNoPolkit, whyNoTestUser } from "./test-user.ts";

const inBrowser = (await findDesktop()) === undefined;
// What is skipped is decided as soon as the tests are named.
if (inBrowser) await ensureTestUser();
const skip = inBrowser ? (whyNoTestUser() ?? false) : "the window is driven in code-server's build only";

describe("debugging as an ordinary user", { skip }, () => {
  let folder: string;
  let user: TestUser | undefined;
  let server: Server | undefined;
  let browser: Browser | undefined;
  let page: Page;
  let workbench: WorkbenchPage;
  let address: string;

  before(async () => {
    await ensureCodeServer();
    folder = mkdtempSync(join(tmpdir(), "tinytap-user-"));
    chmodSync(folder, 0o755);
    user = new TestUser(folder);
    const workspace = join(user.home, "examples");
    cpSync(join(root, "examples"), workspace, { recursive: true });
    address = `http://127.0.0.1:${await freePort()}`;
    const program = "${workspaceFolder}/node-api/server.mjs";
    const env = { PORT: new URL(address).port };
    const configurations = [
      { name: "API", type: "node", request: "launch", program, env },
      {
        name: "API, in a terminal",
        type: "node-terminal",
        request: "launch",
        command: `node ${program}`,
        env,
      },
    ];
    writeFileSync(join(workspace, ".vscode/launch.json"), JSON.stringify({ configurations }));
    // VS Code takes the environment from a login shell.
    const path = [countCalls(), dirname(await ensureNodePackage()), "$PATH"].join(delimiter);
    writeFileSync(join(user.home, ".profile"), `PATH="${path}"\n`);
    user.own(user.home);
    server = await startCodeServer({
      ...{ workspace, extension: root, others: [], user },
      env: { ...process.env, HOME: user.home, USER: user.name },
    });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(20_000);
    workbench = new WorkbenchPage(page);
    await workbench.open(server.url());
    await workbench.command("Tinytap: Focus on HTTP Exchanges View");
  });

  after(async () => {
    try {
      mkdirSync(join(dist, "test"), { recursive: true });
      await page?.screenshot({ path: join(dist, "test/prompts.png") });
      await browser?.close();
    } finally {
      await server?.close();
      await user?.remove();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });

  /** A folder for PATH, whose programs leave a line for each call and are then the real ones. */
  function countCalls(): string {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    for (const name of ["sudo", "pkexec"]) {
      const script = `#!/bin/sh\necho >> ${join(folder, name)}\nexec /usr/bin/${name} "$@"\n`;
      writeFileSync(join(bin, name), script, { mode: 0o755 });
      writeFileSync(join(folder, name), "");
      user?.own(join(folder, name));
    }
    return bin;
  }
  /** How often root was asked for so far, by each of the two ways. */
  const calls = () => ["sudo", "pkexec"].map((name) => readFileSync(join(folder, name), "utf8").length);

  const icon = (name: string) =>
    page.locator(".statusbar-item", { hasText: "Tinytap" }).locator(`.codicon-${name}`);
  /** Driven by a test, VS Code shows no toasts: a bell with a dot stands for them. */
  const messages = () => page.locator(".statusbar-item .codicon-bell-dot").count();

  async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (let waited = 0; !(await holds()); waited += 100) {
      if (waited > 30_000) assert.fail(`waited in vain for ${what}`);
      await sleep(100);
    }
  }

  const answers = (path: string): Promise<boolean> =>
    fetch(address + path).then(
      async (response) => (await response.arrayBuffer()) && true,
      () => false,
    );

  /** Debugs until the program has answered a request for `path`. */
  async function debug(path: string): Promise<void> {
    await page.keyboard.press("F5");
    await until("the program", () => answers(path));
  }

  async function stop(): Promise<void> {
    await page.keyboard.press("Shift+F5");
    await until("its end", async () => !(await answers("/end")));
    await sleep(500); // a session may end later than its program
  }

  test("without rights F5 debugs as ever, and only a quiet sign says that nothing is captured", async () => {
    await debug("/first");
    await icon("circle-slash").waitFor();
    assert.deepEqual([...calls(), await messages()], [1, 1, 0]);
    await stop();
  });

  test("a second F5 asks for nothing", async () => {
    await debug("/second");
    await icon("circle-slash").waitFor();
    await stop();
    assert.deepEqual([...calls(), await messages()], [1, 1, 0]);
    assert.equal(await workbench.rows("GET /").count(), 0);
  });

  test("by `sudo -n` F5 captures once it is allowed again, and what one F5 captured the next one keeps", async () => {
    user?.allowSudo();
    await workbench.command("Tinytap: Capture When Debugging Again");
    for (const path of ["/third", "/fourth"]) {
      await debug(path);
      await icon("record").waitFor();
      await workbench.rows(`GET ${path}`).waitFor();
      await stop();
      await icon("circle-outline").waitFor();
    }
    await workbench.rows("GET /third").waitFor();
    assert.equal(await messages(), 0);
    user?.forbidSudo();
  });

  describe("who is asked for a password", { skip: whyNoPolkit() ?? false }, () => {
    let agent: PolkitAgent;
    before(() => {
      assert.ok(user);
      user.setPassword("right");
      agent = new PolkitAgent(user.name, extensionHost(user.name));
    });
    after(() => agent.close());

    /** What is said while a launch waits. VS Code shows no toast here: the notification is looked for in their list. */
    const waiting = () =>
      page.locator(".notifications-center .notification-list-item", {
        hasText: "your password may be asked",
      });

    /** Debugs while the prompt is open: the program starts without capture, and why it came late was said. */
    async function debugUnanswered(path: string): Promise<void> {
      agent.answer = undefined;
      const began = Date.now();
      await page.keyboard.press("F5");
      await workbench.command("Notifications: Show Notifications");
      await waiting().waitFor({ timeout: 4000 });
      assert.equal(await answers(path), false, "it is said while the launch waits");
      await until("the program", () => answers(path));
      const waited = Date.now() - began;
      assert.ok(waited >= 5000, `${waited} ms`);
      await waiting().waitFor({ state: "detached" });
      await icon("loading").waitFor();
      await page.keyboard.press("Escape");
    }

    for (const [answer, sign] of [
      ["wrong", "circle-slash"],
      ["right", "record"],
    ] as const)
      test(`a launch that waits for an unanswered prompt says so, goes on after five seconds, and shows the truth when it is answered: ${answer}`, async () => {
        await workbench.command("Tinytap: Capture When Debugging Again");
        const { prompts } = agent;
        await debugUnanswered(`/unanswered-${answer}`);
        assert.equal(agent.prompts, prompts + 1);
        agent.give(answer);
        await icon(sign).waitFor();
        assert.ok(await answers(`/after-${answer}`), "the program runs on");
        const row = workbench.rows(`GET /after-${answer}`);
        if (answer === "right") await row.waitFor();
        else assert.equal(await row.count(), 0);
        // What came before the answer was not captured, and isn't claimed to be.
        assert.equal(await workbench.rows("GET /unanswered").count(), 0);
        await stop();
        if (answer === "wrong") return;
        await icon("circle-filled").waitFor();
        await workbench.command("Tinytap: Stop Capture");
        await icon("circle-outline").waitFor();
      });

    test("one who gives none is not asked again", async () => {
      agent.answer = "wrong";
      const [, before = 0] = calls();
      const { prompts } = agent;
      for (const path of ["/fifth", "/sixth"]) {
        await debug(path);
        await icon("circle-slash").waitFor();
        await stop();
      }
      assert.deepEqual([agent.prompts - prompts, calls()[1], await messages()], [1, before + 1, 0]);
    });

    test("one who gives it is asked once in a window, for launch after launch, also of another type", async () => {
      agent.answer = "right";
      const { prompts } = agent;
      await workbench.command("Tinytap: Capture When Debugging Again");
      await debug("/seventh");
      await workbench.rows("GET /seventh").waitFor();
      await stop();
      await icon("circle-filled").waitFor();
      await workbench.command("Debug: Select and Start Debugging");
      await page.locator(".quick-input-list .monaco-list-row", { hasText: "in a terminal" }).click();
      await until("the program", () => answers("/eighth"));
      await workbench.rows("GET /eighth").waitFor();
      await stop();
      await icon("circle-filled").waitFor();
      assert.equal(agent.prompts, prompts + 1);
      await workbench.command("Tinytap: Stop Capture");
      await icon("circle-outline").waitFor();
    });
  });
});

/** Of the user's only window. */
function extensionHost(name: string): number {
  const output = execFileSync("pgrep", ["--uid", name, "--full", "--", "--type=extensionHost"], {
    encoding: "utf8",
  });
  return Number.parseInt(output, 10);
}
