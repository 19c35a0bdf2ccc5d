/** Every direction rule of .oxlintrc.json fails on an import against it, and lets one along it pass. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";

const root = join(import.meta.dirname, "../..");
const bin = join(root, "node_modules/.bin");

const allowed: [file: string, from: string][] = [
  ["protocol/x.ts", "./y.ts"],
  ["protocol/x.ts", "../package.json"],
  ["native/x.ts", "node:module"],
  ["helper/root.ts", "../native/y.ts"],
  ["helper/main.ts", "vscode-jsonrpc/node"],
  ["helper/main.ts", "./capture/y.ts"],
  ["helper/capture/x.ts", "../../native/y.ts"],
  ["helper/capture/x.ts", "../stream/y.ts"],
  ["helper/stream/x.ts", "../../protocol/y.ts"],
  ["helper/stream/x.ts", "../memory/y.ts"],
  ["helper/exchanges/x.ts", "../memory/y.ts"],
  ["helper/http1/x.ts", "../exchanges/y.ts"],
  ["helper/traffic/x.ts", "../http1/y.ts"],
  ["helper/traffic/x.ts", "../http2/y.ts"],
  ["helper/traffic/x.ts", "../upgraded/y.ts"],
  ["helper/digest/x.ts", "node:crypto"],
  ["helper/digest/x.ts", "../exchanges/y.ts"],
  ["helper/search/x.ts", "../exchanges/y.ts"],
  ["helper/search/x.ts", "../../search/ids.ts"],
  ["helper/search/worker.ts", "../../search/y.ts"],
  ["helper/rpc/x.ts", "../search/y.ts"],
  ["helper/memory/x.ts", "./y.ts"],
  ["content/x.ts", "../protocol/y.ts"],
  ["content/x.ts", "cborg"],
  ["content/grpc/x.ts", "../protobuf/y.ts"],
  ["content/protobuf/x.ts", "../../protocol/y.ts"],
  ["content/node/x.ts", "../grpc/y.ts"],
  ["content/node/x.ts", "node:zlib"],
  ["content/node/x.ts", "../y.ts"],
  ["content/node/x.ts", "../../protocol/y.ts"],
  ["search/x.ts", "../content/node/y.ts"],
  ["search/x.ts", "node:vm"],
  ["recording/x.ts", "../search/y.ts"],
  ["recording/x.ts", "../content/y.ts"],
  ["recording/x.ts", "../content/node/y.ts"],
  ["helper/http1/x.ts", "../stream/y.ts"],
  ["helper/http2/x.ts", "../exchanges/y.ts"],
  ["recording/x.ts", "../protocol/y.ts"],
  ["helper/rpc/x.ts", "../traffic/y.ts"],
  ["client/x.ts", "../protocol/y.ts"],
  ["cli/x.ts", "../client/y.ts"],
  ["cli/x.ts", "../recording/y.ts"],
  ["extension/model/x.ts", "../../protocol/y.ts"],
  ["extension/model/filter/x.ts", "../y.ts"],
  ["extension/model/filter/x.ts", "../../../protocol/y.ts"],
  ["extension/views/x.ts", "../model/y.ts"],
  ["extension/client/x.ts", "../../client/y.ts"],
  ["extension/views/x.ts", "vscode"],
  ["extension/views/x.ts", "../../content/node/y.ts"],
  ["webview/x.ts", "../protocol/y.ts"],
  ["webview/x.ts", "../content/y.ts"],
  ["webview/table/x.ts", "../../protocol/y.ts"],
  ["webview/table/x.ts", "lit/directives/y.js"],
  ["webview/content/x.ts", "../dom.ts"],
  ["webview/content/x.ts", "../../content/y.ts"],
  ["webview/detail/x.ts", "../content/y.ts"],
  ["webview/detail/x.ts", "../../content/grpc/y.ts"],
  ["test/unit/x.ts", "../../helper/http1/y.ts"],
  ["test/kernels/x.ts", "../../scripts/machines/y.ts"],
];

const forbidden: [file: string, from: string][] = [
  ["protocol/x.ts", "../helper/stream/y.ts"],
  ["protocol/x.ts", "node:fs"],
  ["native/x.ts", "../helper/capture/y.ts"],
  ["native/x.ts", "../protocol/y.ts"],
  ["helper/root.ts", "vscode-jsonrpc/node"],
  ["helper/main.ts", "../client/y.ts"],
  ["helper/main.ts", "../extension/y.ts"],
  ["helper/capture/x.ts", "../traffic/y.ts"],
  ["helper/capture/x.ts", "../rpc/y.ts"],
  ["helper/stream/x.ts", "../exchanges/y.ts"],
  ["helper/stream/x.ts", "../capture/y.ts"],
  ["helper/stream/x.ts", "node:fs"],
  ["helper/memory/x.ts", "../../protocol/y.ts"],
  ["helper/memory/x.ts", "../stream/y.ts"],
  ["helper/digest/x.ts", "../rpc/y.ts"],
  ["helper/search/x.ts", "../../search/y.ts"],
  ["helper/search/x.ts", "../../content/y.ts"],
  ["helper/search/worker.ts", "../../content/node/y.ts"],
  ["helper/search/worker.ts", "../traffic/y.ts"],
  ["search/x.ts", "../recording/y.ts"],
  ["search/x.ts", "node:fs"],
  ["helper/stream/x.ts", "vscode-jsonrpc"],
  ["helper/exchanges/x.ts", "../../content/y.ts"],
  ["helper/rpc/x.ts", "../../content/node/y.ts"],
  ["content/x.ts", "node:zlib"],
  ["content/x.ts", "./node/y.ts"],
  ["content/x.ts", "../recording/y.ts"],
  ["content/node/x.ts", "node:fs"],
  ["content/node/x.ts", "../../recording/y.ts"],
  ["content/grpc/x.ts", "../node/y.ts"],
  ["content/protobuf/x.ts", "../grpc/y.ts"],
  ["content/protobuf/x.ts", "node:zlib"],
  ["helper/exchanges/x.ts", "../http1/y.ts"],
  ["helper/http1/x.ts", "../capture/y.ts"],
  ["helper/http1/x.ts", "../traffic/y.ts"],
  ["helper/http1/x.ts", "../upgraded/y.ts"],
  ["helper/http1/x.ts", "node:zlib"],
  ["helper/http2/x.ts", "../http1/y.ts"],
  ["helper/http2/x.ts", "node:http2"],
  ["helper/traffic/x.ts", "../rpc/y.ts"],
  ["recording/x.ts", "../helper/http1/y.ts"],
  ["recording/x.ts", "../client/y.ts"],
  ["helper/rpc/x.ts", "../../native/y.ts"],
  ["helper/rpc/x.ts", "../../client/y.ts"],
  ["client/x.ts", "../helper/stream/y.ts"],
  ["client/x.ts", "../cli/y.ts"],
  ["cli/x.ts", "../helper/http1/y.ts"],
  ["cli/x.ts", "../extension/client/y.ts"],
  ["cli/x.ts", "../native/y.ts"],
  ["extension/model/x.ts", "vscode"],
  ["extension/model/x.ts", "../views/y.ts"],
  ["extension/model/filter/x.ts", "vscode"],
  ["extension/model/filter/x.ts", "../../views/y.ts"],
  ["extension/views/x.ts", "../../helper/http1/y.ts"],
  ["extension/views/x.ts", "../../webview/y.ts"],
  ["extension/debug/x.ts", "../../test/y.ts"],
  ["extension/extension.ts", "../scripts/y.mjs"],
  ["extension/extension.ts", "../native/y.ts"],
  ["webview/x.ts", "../extension/model/y.ts"],
  ["webview/x.ts", "vscode"],
  ["webview/x.ts", "lit"],
  ["webview/table/x.ts", "../../extension/model/y.ts"],
  ["webview/table/x.ts", "vscode"],
  ["webview/x.ts", "./detail/y.ts"],
  ["webview/content/x.ts", "../detail/y.ts"],
  ["webview/content/x.ts", "../../content/node/y.ts"],
  ["webview/detail/x.ts", "../table/y.ts"],
  ["webview/detail/x.ts", "../../content/node/y.ts"],
  ["webview/table/x.ts", "../detail/y.ts"],
  ["helper/main.ts", "../test/y.ts"],
  ["scripts/machines/x.ts", "../../test/kernels/y.ts"],
];

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "tinytap-lint-"));
  for (const name of [".oxlintrc.json", "tsconfig.json"]) cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
});

after(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

/** `file:line rule` of every complaint. */
function complaints(...args: string[]): string[] {
  const { stdout } = spawnSync(join(bin, "oxlint"), ["-f", "json", ...args], {
    cwd: folder,
    encoding: "utf8",
    // oxlint looks for tsgolint there.
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}` },
  });
  const report: { diagnostics: { filename: string; code: string; labels: { span: { line: number } }[] }[] } =
    JSON.parse(stdout);
  return report.diagnostics.map(
    ({ filename, code, labels }) => `${filename}:${labels[0]?.span.line ?? 0} ${code}`,
  );
}

test("imports run one way", () => {
  const lines = new Map<string, string[]>();
  const expected: string[] = [];
  for (const [cases, wrong] of [
    [allowed, false],
    [forbidden, true],
  ] as const)
    for (const [file, from] of cases) {
      const own = lines.get(file) ?? [];
      lines.set(file, own);
      own.push(`export * from ${JSON.stringify(from)};`);
      if (wrong) expected.push(`${file}:${own.length} eslint(no-restricted-imports)`);
    }
  for (const [file, own] of lines) write(file, own.join("\n") + "\n");
  assert.deepEqual(complaints().toSorted(), expected.toSorted());
  for (const file of lines.keys()) rmSync(join(folder, file));
});

test("any, cycles and forgotten promises are refused", () => {
  write("client/any.ts", "export function f(x: any): void {\n  console.log(x);\n}\n");
  write("client/floating.ts", "async function f(): Promise<void> {}\nf();\n");
  write(
    "client/misused.ts",
    "async function f(): Promise<boolean> {\n  return true;\n}\nif (f()) console.log();\n",
  );
  write("client/a.ts", 'import { b } from "./b.ts";\nexport const a = (): unknown => b;\n');
  write("client/b.ts", 'import { a } from "./a.ts";\nexport const b = (): unknown => a;\n');
  assert.deepEqual(complaints("--type-aware").toSorted(), [
    "client/a.ts:1 import(no-cycle)",
    "client/any.ts:1 typescript(no-explicit-any)",
    "client/b.ts:1 import(no-cycle)",
    "client/floating.ts:2 typescript(no-floating-promises)",
    "client/misused.ts:4 typescript(no-misused-promises)",
  ]);
});
