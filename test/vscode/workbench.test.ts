/** The extension in the real VS Code: in its extension host, and in its window. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { launchBrowser } from "../../scripts/browser.ts";
import { startCodeServer } from "../../scripts/code-server.ts";
import { findDesktop, startDesktop } from "../../scripts/desktop.ts";
import { ensureDelve } from "../../scripts/go.ts";
import { dist, root } from "../../scripts/paths.mjs";
import { freePort } from "../free-port.ts";
import { openWindow } from "./open-window.ts";
import type { Result } from "./suite/runner.ts";
import { whyNoWindow } from "./why-no-window.ts";

/** `npm test` says it where the kernel takes no probes: the window is tried without traffic then. */
const skip = process.env["TINYTAP_NO_PROBES"] ?? false;
const whyNot = await whyNoWindow();
const suite = join(dist, "test/suite.cjs");
let folder: string;
let workspace: string;
let env: NodeJS.ProcessEnv;
let desktop: string | undefined;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tinytap-test-"));
  workspace = join(folder, "examples");
  cpSync(join(root, "examples"), workspace, { recursive: true });
  env = skip ? process.env : await ensureDelve();
  desktop = await findDesktop();
  console.log(`VS Code: ${desktop ?? "code-server's build (test-electron's download is out of reach)"}`);
  await build({
    entryPoints: [join(root, "test/vscode/suite/index.ts")],
    outfile: suite,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["vscode"],
    sourcemap: "inline",
  });
});

after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

function setting() {
  return { workspace, extension: root, others: [join(root, "test/vscode/go-debug")] };
}

test("in the extension host", { skip }, async (t) => {
  const file = join(folder, "results");
  const hostEnv = { ...env, TINYTAP_RESULTS: file };
  let close: () => Promise<void>;
  if (desktop === undefined) {
    const server = await startCodeServer({ ...setting(), env: hostEnv });
    const browser = await launchBrowser();
    close = async () => {
      await browser.close();
      await server.close();
    };
    const page = await browser.newPage();
    await page.goto(server.url(suite));
  } else {
    const window = startDesktop(desktop, { ...setting(), env: hostEnv, tests: suite });
    close = () => window.closed;
  }
  try {
    for await (const result of results(file)) {
      await t.test(result.name, () => {
        if (result.error !== undefined) throw new Error(result.error);
      });
    }
  } finally {
    await close();
  }
});

async function* results(file: string): AsyncGenerator<Exclude<Result, { end: true }>> {
  for (let taken = 0, idle = 0; idle < 120_000; await sleep(100), idle += 100) {
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(taken, -1) : [];
    if (lines.length > 0) idle = 0;
    taken += lines.length;
    for (const line of lines) {
      const result: Result = JSON.parse(line);
      if ("end" in result) return;
      yield result;
    }
  }
  throw new Error("the extension host told nothing for 2 minutes");
}

test("in the window", async (t) => {
  if (whyNot !== undefined) return t.skip(whyNot);
  const port = await freePort();
  debugOn(port);
  const { page, workbench, close } = await openWindow("window", { ...setting(), env });
  try {
    await t.test("the empty view says what to do", async () => {
      await workbench.command("Tinytap: Focus on HTTP Exchanges View");
      await page.getByText("See the HTTP requests of your program as it runs").waitFor();
    });

    await t.test("a debugged server's requests become rows", { skip }, async () => {
      await workbench.command("Debug: Start Debugging");
      await answers(`http://127.0.0.1:${port}/api/hello`);
      await (await fetch(`http://127.0.0.1:${port}/files/large.bin`)).arrayBuffer();
      await (await fetch(`http://127.0.0.1:${port}/files/tides.txt`)).arrayBuffer();
      await (await fetch(`http://127.0.0.1:${port}/files/drop.png`)).arrayBuffer();
      await workbench.command("Tinytap: Focus on HTTP Exchanges View");
      for (const name of ["large.bin", "tides.txt", "drop.png"])
        await workbench.rows(`GET /files/${name}`).waitFor();
      await page.locator(".statusbar-item", { hasText: /Tinytap.*4/ }).waitFor();
    });

    for (const name of ["large.bin", "tides.txt"])
      await t.test(`a click on ${name}'s row shows its body: the file, by hash`, { skip }, async () => {
        const file = readFileSync(join(workspace, "go-files/files", name));
        await workbench.rows(`GET /files/${name}`).click();
        const { digest, text, extents } = workbench.response(`/files/${name}`);
        await digest.filter({ hasText: createHash("sha256").update(file).digest("hex") }).waitFor();
        await extents.getByText("sendfile").waitFor();
        if (name.endsWith(".txt")) assert.equal(await text.textContent(), file.toString());
      });

    await t.test("a picture is shown as one", { skip }, async () => {
      await workbench.rows("GET /files/drop.png").click();
      const image = workbench.panel.locator("section .body img").first();
      await image.waitFor();
      assert.equal(await image.evaluate((element: { naturalWidth: number }) => element.naturalWidth), 128);
    });

    await t.test("Stop Capture and Clear, from the palette", { skip }, async () => {
      await workbench.command("Debug: Stop");
      await workbench.command("Tinytap: Clear");
      await workbench.rows("GET /files/").first().waitFor({ state: "detached" });
      await page.getByText("See the HTTP requests of your program as it runs").waitFor();
    });

    await t.test("the log says what the capture worked with", { skip }, async () => {
      await workbench.command("Tinytap: Show Log");
      await page
        .locator(".view-line", { hasText: /capturing\s+with\s+syscalls/ })
        .first()
        .waitFor();
    });
  } finally {
    await close();
  }
});

/** Gives the workspace's launch configurations a port of ours. */
function debugOn(port: number): void {
  const file = join(workspace, ".vscode/launch.json");
  const launch: { configurations: object[] } = JSON.parse(readFileSync(file, "utf8"));
  const configurations = launch.configurations.map((one) => ({ ...one, env: { PORT: String(port) } }));
  writeFileSync(file, JSON.stringify({ ...launch, configurations }));
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const ok = await fetch(url).then(
      async (response) => (await response.arrayBuffer()) && response.ok,
      () => false,
    );
    if (ok) return;
    await sleep(200);
  }
  throw new Error(`${url} doesn't answer`);
}
