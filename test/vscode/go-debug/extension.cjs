/** Runs `dlv dap` for each debug session of type `go`, as the Go extension does. */
"use strict";
const { spawn } = require("node:child_process");
const vscode = require("vscode");

/** @param {vscode.ExtensionContext} context */
exports.activate = (context) => {
  /** @type {Set<import("node:child_process").ChildProcess>} */
  const running = new Set();
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory("go", {
      createDebugAdapterDescriptor: (session) => {
        // dlv builds in its own folder, and that must lie in the module. It ends with its one session.
        const child = spawn("dlv", ["dap", "--listen", "127.0.0.1:0"], {
          cwd: session.configuration["program"] ?? session.workspaceFolder?.uri.fsPath,
          env: { ...process.env, PATH: `${process.env["TINYTAP_GO_PATH"] ?? ""}:${process.env["PATH"]}` },
          stdio: ["ignore", "pipe", "inherit"],
        });
        running.add(child);
        child.on("exit", () => running.delete(child));
        return new Promise((resolve, reject) => {
          let output = "";
          child.on("error", reject);
          child.on("exit", (code) => reject(new Error(`dlv ended with ${code}: ${output}`)));
          child.stdout.on("data", (chunk) => {
            output += chunk;
            const port = /DAP server listening at: 127\.0\.0\.1:(\d+)/.exec(output)?.[1];
            if (port !== undefined) resolve(new vscode.DebugAdapterServer(Number(port), "127.0.0.1"));
          });
        });
      },
    }),
    { dispose: () => running.forEach((child) => child.kill()) },
  );
};
