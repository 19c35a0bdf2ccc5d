/**
 * Brings a fresh clone to a state that runs: Debian packages, Node, npm packages, the build. Plain JavaScript without a
 * dependency, for Node ≥ 20. Run as a script it prints the path of the Node to go on with, and nothing else on stdout.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { locked } from "./lock.mjs";
import { ensurePackages, header, library, NoRootError, which } from "./packages.mjs";
import { cache, dist, root } from "./paths.mjs";
import { run, say, script, SetupError, step } from "./progress.mjs";

/** The first Node that runs TypeScript as it is. */
const oldestNode = [22, 18];
const nodeMajor = 24;

/** @returns {Promise<string>} the path of a Node that runs TypeScript */
export async function setUp() {
  if (process.platform !== "linux")
    throw new SetupError("Tinytap watches from the Linux kernel: it runs on Linux only");
  return locked(join(dist, ".lock"), async () => {
    const compiles = await haveToolchain();
    const node = await ensureNode();
    await ensureModules();
    await build({ compiled: compiles });
    return node;
  });
}

/** @type {import("./packages.mjs").Need[]} */
const toolchain = [
  { package: "clang", why: "compiles the kernel side (BPF)", present: () => which("clang") !== undefined },
  { package: "g++", why: "compiles the Node addon", present: () => which("c++") !== undefined },
  {
    package: "libc6-dev",
    why: "headers for both",
    present: () => header("stdio.h") && header("linux/types.h"),
  },
  {
    package: "libbpf-dev",
    why: "loads BPF programs; linked into the addon",
    present: () => library("libbpf.a") !== undefined && header("bpf/bpf_helpers.h"),
  },
  { package: "libelf-dev", why: "libbpf needs it", present: () => library("libelf.a") !== undefined },
  { package: "zlib1g-dev", why: "libelf needs it", present: () => library("libz.a") !== undefined },
];

/** Whether the compiled parts can be built. Without them all but the capture runs: what is missing was named then. */
async function haveToolchain() {
  try {
    await ensurePackages(toolchain);
    return true;
  } catch (error) {
    if (!(error instanceof NoRootError)) throw error;
    say(`${error.message}; until then nothing can be captured`);
    return false;
  }
}

/** The Node that runs this, or one from npm where this one is too old. */
async function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldMajor = 0, oldMinor = 0] = oldestNode;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return process.execPath;
  return ensureNodePackage();
}

/** Node as an npm package, with its headers. @returns {Promise<string>} its path */
export async function ensureNodePackage() {
  const name = `node-linux-${process.arch}`;
  const folder = join(cache, "node");
  const node = join(folder, "node_modules", name, "bin", "node");
  if (existsSync(node)) return node;
  const title = `installing Node ${nodeMajor} into ${folder} (this one is ${process.versions.node})`;
  await locked(join(cache, "node.lock"), () =>
    step(title, (log) => installInto(folder, [`${name}@${nodeMajor}`], { log })),
  );
  if (!existsSync(node)) throw new SetupError(`npm brought no ${node}`);
  return node;
}

/**
 * npm packages into a folder that is no project.
 * @param {string} folder
 * @param {string[]} specs
 * @param {{ env?: NodeJS.ProcessEnv, log?: (text: string) => void }} [options]
 */
export async function installInto(folder, specs, options = {}) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  await run("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", ...specs], {
    ...options,
    cwd: folder,
    env: npmEnvironment(options.env ?? process.env),
  });
}

/**
 * The environment for an inner npm, without what an outer `npm run` told about itself: its Node, and with `-s` its
 * silence, which would hide the reason of a failure.
 * @param {NodeJS.ProcessEnv} env
 */
function npmEnvironment(env) {
  const outer = /^npm_(?!config_)|^npm_config_(?:user_agent|loglevel)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !outer.test(name)));
}

/** `npm ci` when the lock file changed since the last one. No dependency of ours needs an install script. */
async function ensureModules() {
  const stamp = join(root, "node_modules", ".tinytap-lock");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  if (!which("npm")) throw new SetupError("npm is missing: please install it (Debian: apt-get install npm)");
  await step("installing npm packages (npm ci)", (log) =>
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: root,
      log,
      env: npmEnvironment(process.env),
    }),
  );
  writeFileSync(stamp, wanted);
}

if (process.argv[1] === import.meta.filename)
  await script(async () => {
    const began = Date.now();
    const node = await setUp();
    if (Date.now() - began > 2000) say("set-up is complete");
    process.stdout.write(node + "\n");
  });
