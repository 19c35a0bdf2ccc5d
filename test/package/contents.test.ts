/** What `npm run package` packs. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { packCommandLine, packExtension } from "../../scripts/package/pack.ts";
import { stage, type Staged } from "../../scripts/package/stage.ts";
import { root } from "../../scripts/paths.mjs";
import { whyNoAddon } from "../tools.ts";
import { namesInZip } from "./zip.ts";

const skip = whyNoAddon() ?? false;

let folder: string;
let staged: Staged;
let vsix: string;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "tinytap-package-"));
  staged = await stage(join(folder, "one"));
  vsix = join(folder, "one.vsix");
  await packExtension(staged.extension, vsix);
});

after(() => skip || rmSync(folder, { recursive: true, force: true }));

test("the VSIX holds these files and no others: no test, no script, no source", { skip }, () => {
  assert.deepEqual(namesInZip(vsix), [
    "[Content_Types].xml",
    "extension.vsixmanifest",
    "extension/LICENSE.txt",
    "extension/NOTICES.md",
    "extension/changelog.md",
    "extension/dist/detail.css",
    "extension/dist/detail.js",
    "extension/dist/digests.cjs",
    "extension/dist/extension.cjs",
    "extension/dist/helper.cjs",
    "extension/dist/pagecache.bpf.o",
    "extension/dist/proto-files.cjs",
    "extension/dist/recording.cjs",
    "extension/dist/root.cjs",
    "extension/dist/search.cjs",
    "extension/dist/sendpath.bpf.o",
    "extension/dist/syscalls.bpf.o",
    "extension/dist/table.css",
    "extension/dist/table.js",
    "extension/dist/tinytap.node",
    "extension/licenses/GPL-3.0.txt",
    "extension/licenses/LGPL-3.0.txt",
    "extension/media/icon.png",
    "extension/media/tinytap.svg",
    "extension/media/walkthrough/body.svg",
    "extension/media/walkthrough/filter.md",
    "extension/media/walkthrough/list.svg",
    "extension/media/walkthrough/root.md",
    "extension/package.json",
    "extension/readme.md",
  ]);
});

test("the VSIX is under 3 MB", { skip }, () => assert.ok(statSync(vsix).size < 3_000_000));

test("no packed file tells where it was built, nor of a source map", { skip }, () => {
  const files = globSync("**/*", { cwd: join(folder, "one"), withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  assert.ok(files.length > 30);
  for (const { parentPath, name } of files) {
    const text = readFileSync(join(parentPath, name), "latin1");
    assert.ok(!text.includes(root), `${name} names ${root}`);
    assert.ok(!text.includes("sourceMappingURL="), `${name} names a source map`);
  }
});

test("the same sources give the same bytes, whatever the umask and the time zone", { skip }, async () => {
  const umask = process.umask(0o077);
  const { TZ } = process.env;
  process.env["TZ"] = "Pacific/Auckland";
  try {
    const again = await stage(join(folder, "two"));
    const tarballs = [staged, again].map(
      ({ commandLine }) => [commandLine, `${commandLine}.tar.gz`] as const,
    );
    for (const [from, to] of tarballs) await packCommandLine(from, to);
    await packExtension(again.extension, join(folder, "two.vsix"));
    assert.equal(hash(join(folder, "two.vsix")), hash(vsix));
    const [one, two] = tarballs.map(([, to]) => hash(to));
    assert.equal(one, two);
  } finally {
    process.umask(umask);
    if (TZ === undefined) delete process.env["TZ"];
    else process.env["TZ"] = TZ;
  }
});

test(
  "it installs on every system, and is what package.json says, without what only a clone can use",
  { skip },
  () => {
    const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const packed = JSON.parse(readFileSync(join(staged.extension, "package.json"), "utf8"));
    const { private: _private, type, scripts, devDependencies, engines, ...rest } = own;
    assert.ok([_private, type, scripts, devDependencies].every((each) => each !== undefined));
    assert.deepEqual(packed, { ...rest, engines: { vscode: engines.vscode } });
    assert.ok(!("os" in packed) && !("cpu" in packed));
  },
);

test("the notices name all that is linked in, with the licenses", { skip }, () => {
  const text = readFileSync(join(staged.extension, "NOTICES.md"), "utf8");
  const names = [...text.matchAll(/^### ([^\s,]+)/gm)].map(([, name]) => name);
  const linked = ["libelf", "libbpf", "zlib"];
  for (const name of [
    ...linked,
    ...[
      "vscode-languageclient",
      "vscode-jsonrpc",
      "node-addon-api",
      "cborg",
      "@msgpack/msgpack",
      "protobufjs",
      "lit-html",
      "@vscode/codicons",
    ],
  ])
    assert.ok(names.includes(name), name);
  assert.match(
    readFileSync(join(staged.extension, "licenses/LGPL-3.0.txt"), "utf8"),
    /LESSER GENERAL PUBLIC/,
  );
});

function hash(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
