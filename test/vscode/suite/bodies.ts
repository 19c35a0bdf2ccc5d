/** What can be done with a body in VS Code: opened as a file that can only be read, copied; and the words where it can't be. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { eventually, test } from "./runner.ts";
import { tinytap } from "./tinytap.ts";

const pixel = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

function entry(url: string, mimeType: string, content: object): object {
  const httpVersion = "HTTP/1.1";
  return {
    request: {
      method: "POST",
      httpVersion,
      url,
      headers: [{ name: "X-Ask", value: "1" }],
      postData: { text: "asked" },
    },
    response: {
      httpVersion,
      status: 200,
      statusText: "OK",
      headers: [{ name: "Content-Type", value: mimeType }],
      content,
    },
  };
}

test("a body is opened read-only, and copied with its URL and its headers", async () => {
  const api = await tinytap();
  const folder = mkdtempSync(join(tmpdir(), "tinytap-suite-"));
  const file = join(folder, "bodies.har");
  const entries = [
    entry("http://shop.test/api/tides?page=2", "application/json", { text: '{"tides":"all"}' }),
    entry("http://shop.test/drop", "image/gif", { text: pixel, encoding: "base64" }),
  ];
  writeFileSync(file, JSON.stringify({ log: { entries } }));
  const run = (name: string, key: string) => vscode.commands.executeCommand(`tinytap.${name}`, key);
  const clipboard = async (name: string, key: string) => {
    await run(name, key);
    return vscode.env.clipboard.readText();
  };
  await vscode.commands.executeCommand("tinytap.openRecording", vscode.Uri.file(file));
  const recording = api.recordings().find(({ name }) => name === "bodies.har");
  try {
    const [first, second] = [1, 2].map((id) => `${recording!.number}:${id}`) as [string, string];
    await run("openBody", first);
    const document = await eventually("the body's document", () =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === "tinytap"),
    );
    assert.equal(document.getText(), '{"tides":"all"}');
    assert.equal(document.languageId, "json");
    assert.match(document.uri.path, /\/response\/tides\.json$/);
    await assert.rejects(async () => vscode.workspace.fs.writeFile(document.uri, Buffer.from("x")));
    assert.equal((await vscode.workspace.fs.stat(document.uri)).permissions, vscode.FilePermission.Readonly);
    await run("openBody", second);
    const picture = () => vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    await eventually("the picture's preview", () => {
      const input = picture();
      return input instanceof vscode.TabInputCustom && input.uri.path.endsWith("/drop.gif");
    });
    assert.equal(await clipboard("copyUrl", first), "http://shop.test/api/tides?page=2");
    assert.equal(await clipboard("copyBody", first), '{"tides":"all"}');
    assert.match(
      await clipboard("copyHeaders", first),
      /^HTTP\/1\.1 200 OK\nContent-Type: application\/json\n$/,
    );
    await vscode.env.clipboard.writeText("nothing");
    // A picture is no text: it says so, and what was copied before stays.
    assert.equal(await clipboard("copyBody", second), "nothing");
    const other = document.uri.with({ authority: "another-window" });
    await assert.rejects(async () => vscode.workspace.fs.readFile(other), /of another window/);
  } finally {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await vscode.commands.executeCommand("tinytap.closeRecording", `recording ${recording?.number}`);
    rmSync(folder, { recursive: true });
  }
});
