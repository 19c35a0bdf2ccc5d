/**
 * Debian packages, unpacked into folders of our own and never installed. apt works on lists of its own, so that the
 * machine's are not touched; the mirror is the one the machine uses. Where that has none (Ubuntu), only packages of the
 * machine's own release can be had, by its own lists.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { locked } from "../lock.mjs";
import { cache } from "../paths.mjs";
import { run, say, SetupError, step } from "../progress.mjs";

const noMirror = "apt's sources name no mirror of Debian";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** Packages get updates; what is older than this is fetched anew. Milliseconds. */
const maxAge = 7 * 24 * 3600 * 1000;

/** Why packages of other releases can't be had here. */
export async function noOtherReleases(): Promise<string | false> {
  return (await mirror()) === undefined && noMirror;
}

/** This machine's release, e.g. `bookworm`. */
export function ownSuite(): string {
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  if (codename === undefined) throw new SetupError("this machine's release is not known");
  return codename;
}

/**
 * The folder in which `package` of `suite`, and those packages it depends on whose names match `along`, are unpacked.
 * `newest` chooses among packages whose names match the pattern `package`. Cached for a week; where there is no network
 * any longer, for ever.
 */
export async function unpacked(suite: string, name: string | RegExp, along: RegExp): Promise<string> {
  const folder = join(
    cache,
    "debian",
    suite,
    typeof name === "string" ? name : name.source.replaceAll(/\W+/g, "-"),
  );
  const stamp = join(folder, ".complete");
  return locked(`${folder}.lock`, async () => {
    const age = Date.now() - (statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age < maxAge) return folder;
    try {
      await step(`fetching ${String(name)} of Debian ${suite}`, () => fetchInto(folder, suite, name, along));
      writeFileSync(stamp, "");
    } catch (error) {
      if (statSync(stamp, { throwIfNoEntry: false }) === undefined) throw error;
      say(`using the ${String(name)} of Debian ${suite} that is there: ${String(error)}`);
    }
    return folder;
  });
}

async function fetchInto(folder: string, suite: string, name: string | RegExp, along: RegExp): Promise<void> {
  const apt = await Apt.open(suite);
  const packages = await apt.closure(typeof name === "string" ? name : await apt.newest(name), along);
  const downloads = `${folder}.debs`;
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  await apt.download(packages, downloads);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(downloads)) await run("dpkg", ["-x", join(downloads, file), folder]);
  rmSync(downloads, { recursive: true });
}

class Apt {
  readonly #options: string[];

  private constructor(options: string[]) {
    this.#options = options;
  }

  static async open(suite: string): Promise<Apt> {
    const from = await mirror();
    if (from === undefined) {
      if (suite === ownSuite()) return new Apt([]);
      throw new SetupError(noMirror);
    }
    const folder = join(cache, "apt", suite);
    for (const name of ["state/lists/partial", "cache/archives/partial"])
      mkdirSync(join(folder, name), { recursive: true });
    const sources = join(folder, "sources.list");
    writeFileSync(sources, `deb [signed-by=${keyring}] ${from} ${suite} main\n`);
    // A newer version that the machine has installed would be preferred, and these lists don't have it.
    const installed = join(folder, "status");
    writeFileSync(installed, "");
    const settings = {
      "Dir::Etc::SourceList": sources,
      "Dir::Etc::SourceParts": "-",
      "Dir::Etc::Preferences": "-",
      "Dir::Etc::PreferencesParts": "-",
      "Dir::State": join(folder, "state"),
      "Dir::State::Status": installed,
      "Dir::Cache": join(folder, "cache"),
      "Acquire::Languages": "none",
      // The packages' lists only: no icons, no contents.
      "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
      "APT::Sandbox::User": "",
    };
    const apt = new Apt(Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]));
    await apt.#run("apt-get", ["update"]);
    return apt;
  }

  /** The package with the highest version in its name. */
  async newest(pattern: RegExp): Promise<string> {
    const names = (await this.#run("apt-cache", ["pkgnames"]))
      .split("\n")
      .filter((name) => pattern.test(name));
    const name = names.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
    if (name === undefined) throw new SetupError(`no package is called ${pattern.source}`);
    return name;
  }

  async closure(name: string, along: RegExp): Promise<string[]> {
    const found = new Set<string>();
    const visit = async (each: string) => {
      if (found.has(each)) return;
      found.add(each);
      const shown = await this.#run("apt-cache", ["show", "--no-all-versions", each]);
      const depends = /^Depends: (.*)$/m.exec(shown)?.[1] ?? "";
      for (const word of depends.split(/[,|]\s*/).map((clause) => clause.trim().split(" ")[0] ?? ""))
        if (along.test(word)) await visit(word);
    };
    await visit(name);
    return [...found];
  }

  async download(packages: string[], folder: string): Promise<void> {
    await this.#run("apt-get", ["download", ...packages], folder);
  }

  #run(program: string, args: string[], cwd?: string): Promise<string> {
    return run(program, [...this.#options, ...args], cwd === undefined ? {} : { cwd });
  }
}

/** Where this machine gets Debian from. */
async function mirror(): Promise<string | undefined> {
  const targets = await run("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Origin: Debian"]);
  return targets.split("\n").find((line) => /\/debian\/?$/.test(line));
}
