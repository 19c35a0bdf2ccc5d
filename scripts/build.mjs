/**
 * Builds dist/: bundles, BPF objects, the addon. Each part is built only when one of its inputs changed since.
 * Every output replaces the old one by a rename, so that a running program keeps what it has loaded.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { header, library, multiarchInclude } from "./packages.mjs";
import { dist, root } from "./paths.mjs";
import { run, script, SetupError, step } from "./progress.mjs";

/**
 * `inputs`: files and folders, relative to the root. `outputs`: names in dist/, made by `make` in the folder it is given.
 * @typedef {{ title: string, inputs: string[], outputs: string[], make: (folder: string) => Promise<void> }} Part
 */

/** @param {{ compiled: boolean }} options whether the parts that take a compiler are built too */
export async function build({ compiled }) {
  for (const part of [...(compiled ? [...kernelObjects(), addon()] : []), ...bundles()]) await bring(part);
}

/** @param {Part} part */
async function bring(part) {
  const stamp = join(dist, ".stamps", part.title.replaceAll(/\W+/g, "-"));
  const wanted = fingerprint([...part.inputs, "scripts/build.mjs", "package-lock.json"]);
  if (part.outputs.every((name) => exists(join(dist, name))) && read(stamp) === wanted) return;
  const folder = join(dist, ".new");
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(dist, ".stamps"), { recursive: true });
  await step(`building ${part.title}`, () => part.make(folder));
  for (const name of part.outputs) renameSync(join(folder, name), join(dist, name));
  writeFileSync(stamp, wanted);
}

/** Bundles by esbuild: output → entry. node20: what the oldest promised editor runs. @type {Record<string, string>} */
export const bundled = {
  "extension.cjs": "extension/extension.ts",
  "root.cjs": "helper/root.ts",
  "helper.cjs": "helper/main.ts",
  "digests.cjs": "helper/digest/worker.ts",
  "search.cjs": "helper/search/worker.ts",
  "recording.cjs": "recording/worker.ts",
  "proto-files.cjs": "extension/grpc/proto-worker.ts",
  "cli.cjs": "cli/main.ts",
  "detail.js": "webview/detail/main.ts",
  "detail.css": "webview/detail/style.css",
  "table.js": "webview/table/main.ts",
  "table.css": "webview/table/style.css",
};

/** @returns {Part[]} */
function bundles() {
  return Object.keys(bundled).map((output) => ({
    title: output,
    inputs: [
      "protocol",
      "native",
      "helper",
      "content",
      "search",
      "recording",
      "client",
      "cli",
      "extension",
      "webview",
      "package.json",
    ],
    outputs: [output],
    make: async (folder) => void (await bundle(output, folder, "development")),
  }));
}

/**
 * @param {string} output one of `bundled`
 * @param {string} folder
 * @param {"development" | "release"} kind a release is minified, and says nothing of its sources
 * @returns {Promise<string[]>} the files that went into it, relative to the root
 */
export async function bundle(output, folder, kind) {
  const { build: esbuild } = await import("esbuild");
  /** @type {import("esbuild").BuildOptions} */
  const forNode = {
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
    mainFields: ["module", "main"],
  };
  /** @type {import("esbuild").BuildOptions} */
  const forPage = {
    platform: "browser",
    format: "iife",
    target: "es2022",
    loader: { ".ttf": "dataurl" },
  };
  /** @type {import("esbuild").BuildOptions} */
  const byKind =
    kind === "release"
      ? { minify: true, legalComments: "none" }
      : { sourcemap: "inline", sourcesContent: false };
  try {
    const { metafile } = await esbuild({
      absWorkingDir: root,
      entryPoints: [/** @type {string} */ (bundled[output])],
      outfile: join(folder, output),
      bundle: true,
      metafile: true,
      logLevel: "silent",
      plugins: [versionOnly],
      ...byKind,
      ...(output.endsWith(".cjs") ? forNode : forPage),
    });
    return Object.keys(metafile?.inputs ?? {});
  } catch (error) {
    throw new SetupError(String(error));
  }
}

/** Of package.json the bundles take nothing but the version. @type {import("esbuild").Plugin} */
const versionOnly = {
  name: "version-only",
  setup({ onLoad }) {
    onLoad({ filter: /\/package\.json$/ }, ({ path }) => {
      if (path !== join(root, "package.json")) return undefined;
      const { version } = JSON.parse(readFileSync(path, "utf8"));
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
  },
};

/** Debug information tells no paths of this machine: the same sources give the same bytes in any clone. */
const sameAnywhere = `-ffile-prefix-map=${root}=.`;

/** @returns {Part[]} */
function kernelObjects() {
  const sources = readdirSync(join(root, "bpf")).filter((name) => name.endsWith(".bpf.c"));
  const arch = process.arch === "x64" ? "x86" : process.arch;
  return sources.map((source) => {
    const object = source.replace(/\.c$/, ".o");
    return {
      title: `bpf/${source}`,
      inputs: ["bpf"],
      outputs: [object],
      make: async (folder) => {
        const flags = [
          "-g",
          "-O2",
          "-target",
          "bpf",
          "-mcpu=v3",
          `-D__TARGET_ARCH_${arch}`,
          sameAnywhere,
          "-Wall",
          "-Wextra",
          "-Wno-unused-parameter",
          "-Werror",
        ];
        const paths = ["-I", multiarchInclude, "-c", join(root, "bpf", source), "-o", join(folder, object)];
        await run("clang", [...flags, ...paths]);
      },
    };
  });
}

/** @returns {Part} */
function addon() {
  return {
    title: "the addon",
    inputs: ["native", "bpf"],
    outputs: ["tinytap.node"],
    make: async (folder) => {
      const sources = readdirSync(join(root, "native")).filter((name) => name.endsWith(".cc"));
      const output = join(folder, "tinytap.node");
      const flags = [
        "-shared",
        "-fPIC",
        "-std=c++20",
        "-O2",
        "-g1",
        "-pthread",
        "-DNAPI_CPP_EXCEPTIONS",
        // An environment that is being terminated takes no exception: that must not end the process.
        "-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        "-DNAPI_VERSION=8",
        sameAnywhere,
        "-Wall",
        "-Wextra",
        "-Werror",
      ];
      // -isystem: warnings in headers of others are not ours.
      const headers = ["node-api-headers/include", "node-addon-api"].flatMap((folder) => [
        "-isystem",
        join(root, "node_modules", folder),
      ]);
      await run("c++", [
        ...flags,
        ...headers,
        ...sources.map((name) => join(root, "native", name)),
        ...staticLibraries(),
        // Hidden: another addon in the same process may carry a libbpf of its own.
        "-Wl,--exclude-libs,ALL",
        "-o",
        output,
      ]);
      await assertNeedsLittle(output);
    },
  };
}

/** libbpf and what it rests on; from libelf 0.189 on also zstd, where Debian builds it in. */
function staticLibraries() {
  const [bpf, elf, z] = ["libbpf.a", "libelf.a", "libz.a"].map((name) => {
    const path = library(name);
    if (path === undefined) throw new SetupError(`${name} is missing`);
    return path;
  });
  const libraries = /** @type {string[]} */ ([bpf, elf, z]);
  if (readFileSync(/** @type {string} */ (elf)).includes("ZSTD_compress")) {
    const zstd = library("libzstd.a");
    if (zstd === undefined || !header("zstd.h"))
      throw new SetupError("libelf needs zstd: install libzstd-dev");
    libraries.push(zstd);
  }
  return libraries;
}

/**
 * The addon must load on any machine of the same architecture: no library that users lack.
 * @param {string} file
 */
async function assertNeedsLittle(file) {
  const allowed = /^(?:libc|libm|libstdc\+\+|libgcc_s|libpthread|ld-linux-[\w-]+)\.so\.\d+$/;
  const dynamic = await run("readelf", ["-d", file]);
  const needed = [...dynamic.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map((match) => match[1] ?? "");
  const foreign = needed.filter((name) => !allowed.test(name));
  if (foreign.length > 0) throw new SetupError(`${basename(file)} would need ${foreign.join(", ")}`);
}

/**
 * Changes when a file is added, removed or touched.
 * @param {string[]} inputs
 */
function fingerprint(inputs) {
  const hash = createHash("sha256");
  for (const input of inputs) addTo(hash, join(root, input));
  return hash.digest("hex");
}

/** @param {import("node:crypto").Hash} hash @param {string} path */
function addTo(hash, path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) for (const name of readdirSync(path).toSorted()) addTo(hash, join(path, name));
  else hash.update(`${path} ${stat?.mtimeMs} ${stat?.size}\n`);
}

/** @param {string} path */
function exists(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** @param {string} path */
function read(path) {
  return exists(path) ? readFileSync(path, "utf8") : undefined;
}

if (process.argv[1] === import.meta.filename) await script(() => build({ compiled: true }));
