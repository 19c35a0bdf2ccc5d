/** The HTML of our pages: a script and a style sheet of ours, and nothing else may run, load or be sent. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

export interface Page {
  title: string;
  /** Of its bundles in dist/: `name.js` and `name.css`. */
  name: string;
  /** Besides: what pictures and fonts may come from. */
  policy: string;
}

/** Makes a webview that page. */
export function showPage(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  { title, name, policy }: Page,
): void {
  const dist = vscode.Uri.joinPath(extensionUri, "dist");
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  const nonce = randomBytes(16).toString("base64");
  const uri = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(dist, file)).toString();
  const rules = `default-src 'none'; ${policy}; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  webview.html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${rules}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uri(`${name}.css`)}">
<title>${title}</title>
</head>
<body><script nonce="${nonce}" src="${uri(`${name}.js`)}"></script></body>
</html>`;
}
