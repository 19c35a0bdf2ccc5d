/** Debian's packages, looked for by the files they bring: quick, and right on other distributions too. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run, say, SetupError, step } from "./progress.mjs";

/** What is missing could be installed by root, and this isn't root: the message says how. */
export class NoRootError extends SetupError {}

/** @typedef {{ package: string, why: string, present: () => boolean }} Need */

const multiarch = `${process.arch === "x64" ? "x86_64" : "aarch64"}-linux-gnu`;
const libraryFolders = [`/usr/lib/${multiarch}`, "/usr/lib64", "/usr/lib"];

/** Debian's per-architecture headers: clang's BPF target doesn't look there by itself. */
export const multiarchInclude = `/usr/include/${multiarch}`;

/**
 * @param {string} program
 * @returns {string | undefined} its path
 */
export function which(program) {
  // A user's PATH need not have those for the administrator's programs.
  for (const folder of [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"]) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/**
 * @param {string} name e.g. `libelf.a`
 * @returns {string | undefined} its path
 */
export function library(name) {
  return libraryFolders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** @param {string} name */
export function header(name) {
  return existsSync(join("/usr/include", name)) || existsSync(join(multiarchInclude, name));
}

/**
 * Installs what is missing, by apt-get as root or `sudo -n`; else says what to run.
 * @param {Need[]} needs
 */
export async function ensurePackages(needs) {
  const missing = needs.filter((need) => !need.present());
  if (missing.length === 0) return;
  const names = missing.map((need) => need.package);
  for (const need of missing) say(`${need.package} is missing: ${need.why}`);
  const install = ["apt-get", "install", "-y", "--no-install-recommends", ...names];
  const byHand = `please run: sudo ${install.join(" ")}`;
  if (!which("apt-get"))
    throw new SetupError(`no apt-get here; please install what your distribution calls: ${names.join(", ")}`);
  // A new machine's own updates hold apt's lock for its first minutes.
  const patient = ["-o", "DPkg::Lock::Timeout=600"];
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (asRoot.length > 0)
    await run("sudo", ["-n", "true"]).catch(() => {
      throw new NoRootError(`installing packages takes root, and sudo gives none; ${byHand}`);
    });
  /** @param {string[]} command @param {(text: string) => void} log */
  const apt = (command, log) => {
    const [program, ...args] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", ...command, ...patient];
    return run(/** @type {string} */ (program), args, { log });
  };
  await step(`installing ${names.join(", ")} by apt-get`, async (log) => {
    // The lists of packages may be absent or stale: only then fetch them.
    await apt(install, log).catch(async () => {
      await apt(["apt-get", "update"], log);
      await apt(install, log);
    });
  });
  const still = missing.filter((need) => !need.present()).map((need) => need.package);
  if (still.length > 0)
    throw new SetupError(`${still.join(", ")}: installed, but not found where expected; ${byHand}`);
}

/**
 * Why what `ensure` installs can't be had by this user; undefined where it is there now.
 * @param {() => Promise<unknown>} ensure
 * @returns {Promise<string | undefined>}
 */
export async function whyNotInstalled(ensure) {
  try {
    await ensure();
    return undefined;
  } catch (error) {
    if (error instanceof NoRootError) return error.message;
    throw error;
  }
}
