/**
 * Makes the corpus: HARs by real programs, of pages on loopback. `node make.ts [PYTHON]`: where PYTHON is one of a venv
 * with mitmproxy in it, it makes its HAR instead of Chromium. What they make is committed, as neither is there on every machine.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { ensureBrowser } from "../../../../scripts/browser.ts";
import { binary, text } from "./pages.ts";

const folder = import.meta.dirname;

const server = createServer((request, response) => {
  request.resume();
  const { pathname } = new URL(request.url ?? "/", "http://h");
  if (pathname === "/") {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end("<!doctype html><link rel=icon href=data:,><p>corpus");
  } else if (pathname === "/text") {
    response.setHeader("content-type", "text/plain; charset=utf-8");
    response.setHeader("content-encoding", "gzip");
    response.end(gzipSync(text));
  } else if (pathname === "/binary") {
    response.setHeader("content-type", "application/octet-stream");
    response.end(binary);
  } else if (pathname === "/post") {
    response.setHeader("set-cookie", "a=1; Path=/");
    response.writeHead(201);
    response.end("posted");
  } else response.writeHead(404).end();
});
await once(server.listen(0, "127.0.0.1"), "listening");
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function byChromium(content: "embed" | "attach"): Promise<void> {
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: ["--no-sandbox"] });
  const path = join(folder, content === "embed" ? "chromium-embed.har" : "attach/chromium-attach.har");
  const context = await browser.newContext({ recordHar: { path, content } });
  const page = await context.newPage();
  await page.goto(`${url}/`);
  // A string, as it is the page's.
  await page.evaluate(`(async () => {
    await (await fetch("/text")).text();
    await (await fetch("/binary")).arrayBuffer();
    await (await fetch("/post", { method: "POST", body: "a=1&b=\u00e9" })).text();
    await (await fetch("/none")).text();
  })()`);
  await context.close();
  await browser.close();
}

async function byMitmproxy(python: string): Promise<void> {
  const mitmdump = join(python, "../mitmdump");
  const port = "18931";
  const options = ["-q", "--listen-host", "127.0.0.1", "-p", port];
  const proxy = spawn(mitmdump, [...options, "--set", `hardump=${join(folder, "mitmproxy.har")}`], {
    stdio: "inherit",
  });
  const curl = (...args: string[]) =>
    promisify(execFile)("curl", [
      "-s",
      "--retry",
      "60",
      "--retry-delay",
      "1",
      "--retry-connrefused",
      "--noproxy",
      "",
      "-x",
      `http://127.0.0.1:${port}`,
      ...args,
    ]);
  await curl(`${url}/`);
  await curl("--compressed", `${url}/text`);
  await curl(`${url}/binary`, "-o", "/dev/null");
  await curl("-d", "a=1&b=\u00e9", `${url}/post`);
  await curl(`${url}/none`);
  await sleep(500);
  proxy.kill("SIGINT");
  await once(proxy, "exit");
}

const python = process.argv[2];
if (python !== undefined) await byMitmproxy(python);
else {
  await byChromium("embed");
  await byChromium("attach");
}
server.close();
server.closeAllConnections();
