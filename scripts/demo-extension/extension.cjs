/**
 * The demo's hands inside VS Code: they debug the Go file server, or open the recording that TINYTAP_DEMO_RECORDING
 * names. What happens goes, one JSON object per line, to the file that
 * TINYTAP_DEMO_EVENTS names: `{step}`, `{exchange}`, `{done}` or `{failed}`; scripts/demo.ts reads it.
 */
"use strict";
const { appendFileSync } = require("node:fs");
const { createServer } = require("node:net");
const { setTimeout: sleep } = require("node:timers/promises");
const vscode = require("vscode");
const { requests, shown } = require("./requests.cjs");

/** @typedef {import("../../extension/model/exchange-row.ts").ExchangeRow} ExchangeRow */
/** @typedef {import("../../extension/extension.ts").TinytapApi} TinytapApi */

/** @param {Record<string, unknown>} event */
function tell(event) {
  const file = process.env["TINYTAP_DEMO_EVENTS"];
  if (file !== undefined) appendFileSync(file, JSON.stringify(event) + "\n");
}

/** @param {vscode.ExtensionContext} context */
exports.activate = (context) => {
  demo(context).catch((error) => tell({ failed: error instanceof Error ? error.message : String(error) }));
};

/** @param {vscode.ExtensionContext} context */
async function demo(context) {
  /** @type {vscode.Extension<TinytapApi> | undefined} */
  const extension = vscode.extensions.getExtension("tinytap.tinytap");
  if (extension === undefined) throw new Error("Tinytap isn't there");
  const tinytap = await extension.activate();
  const recording = process.env["TINYTAP_DEMO_RECORDING"];
  if (recording === undefined) await debug(context, tinytap);
  else await open(recording, tinytap);
}

/**
 * Opens what was recorded in another machine.
 * @param {string} file
 * @param {TinytapApi} tinytap
 */
async function open(file, tinytap) {
  await vscode.commands.executeCommand("tinytap.openRecording", vscode.Uri.file(file));
  const [recording] = tinytap.recordings();
  if (recording === undefined) throw new Error(`${file} was not opened`);
  if (recording.recorded.problem !== undefined) throw new Error(recording.recorded.problem);
  for (const exchange of recording.rows) tell({ exchange: exchange.summary });
  const exchange = recording.rows.find(({ target }) => target === shown);
  await vscode.commands.executeCommand("tinytap.open", exchange?.key);
  tell({ done: file });
}

/**
 * Debugs the Go file server, and sends it requests.
 * @param {vscode.ExtensionContext} context
 * @param {TinytapApi} tinytap
 */
async function debug(context, tinytap) {
  context.subscriptions.push(report(tinytap));
  await vscode.commands.executeCommand("tinytap.exchanges.focus");

  const port = await freePort();
  tell({ step: "debugging the Go file server" });
  const began = Date.now();
  const folder = vscode.workspace.workspaceFolders?.[0];
  /** @type {vscode.DebugConfiguration[]} */
  const launches = vscode.workspace.getConfiguration("launch", folder).get("configurations", []);
  const launch = launches.find(({ type }) => type === "go");
  if (launch === undefined) throw new Error("examples/ has no launch configuration for Go");
  const configuration = { ...launch, env: { PORT: String(port) }, internalConsoleOptions: "neverOpen" };
  if (!(await vscode.debug.startDebugging(folder, configuration))) throw new Error("debugging didn't start");
  const address = `http://127.0.0.1:${port}`;
  await until("the server to answer", 120_000, async () => (await fetch(`${address}/api/hello`)).ok);
  const state = tinytap.state();
  if (state.phase !== "capturing")
    throw new Error(`the capture is ${state.phase}${state.phase === "failed" ? `: ${state.message}` : ""}`);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  tell({ step: `${address} runs under the debugger after ${seconds} s, its compilation included` });
  tell({ step: `the probes were on within ${Math.round(state.status.startup)} ms, self-test included` });
  await vscode.commands.executeCommand("tinytap.exchanges.focus");

  for (const [target, init] of requests) {
    await (await fetch(address + target, init)).arrayBuffer();
    // For the eye: rows that come one by one.
    await sleep(300);
  }
  /** @type {ExchangeRow | undefined} */
  let exchange;
  await until("the file's exchange", 10_000, async () => {
    exchange = tinytap.exchanges().find(({ target, state }) => target === shown && state === "complete");
    return exchange !== undefined;
  });
  await vscode.commands.executeCommand("tinytap.open", exchange?.key);
  tell({ done: address });
}

/**
 * Tells each exchange once, when it has ended.
 * @param {TinytapApi} tinytap
 */
function report(tinytap) {
  const told = new Set();
  const timer = setInterval(() => {
    for (const exchange of tinytap.exchanges()) {
      if (exchange.state === "in-flight" || told.has(exchange.id)) continue;
      told.add(exchange.id);
      tell({ exchange: exchange.summary });
    }
  }, 200);
  return { dispose: () => clearInterval(timer) };
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/**
 * @param {string} what
 * @param {number} milliseconds
 * @param {() => Promise<boolean>} holds
 */
async function until(what, milliseconds, holds) {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    if (await holds().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error(`waited ${milliseconds / 1000} s in vain for ${what}`);
}
