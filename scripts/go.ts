/** Go and Delve for the example that is debugged; Debian's own are often too old for each other. */
import { createHash } from "node:crypto";
import { chmodSync, createReadStream, createWriteStream, existsSync } from "node:fs";
import { globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { locked } from "./lock.mjs";
import { ensurePackages, which } from "./packages.mjs";
import { cache } from "./paths.mjs";
import { run, SetupError, step } from "./progress.mjs";

const delve = "v1.27.2";
/** What Delve asks for. */
const oldestGo = [1, 24];
const goRelease = "v0.0.1-go1.26.11.linux-amd64";
const lock = join(cache, "go.lock");
/** The module's checksum, as go.sum would have it. */
const goChecksum = "KyINmJ/FQdKRmDYGuTAAXkumyeR2DyUlSNHZj7XaLFg=";

/** Installs Go where it is missing or too old. @returns the environment in which `go` is found */
export async function ensureGo(): Promise<NodeJS.ProcessEnv> {
  return locked(lock, async () => withPath(dirname(await findGo())));
}

/** Installs Go and Delve where they are missing. @returns the environment in which `go` and `dlv` are found */
export async function ensureDelve(): Promise<NodeJS.ProcessEnv> {
  const bin = join(cache, "bin");
  const dlv = join(bin, `dlv-${delve}`, "dlv");
  return locked(lock, async () => {
    const go = await findGo();
    const folders = [dirname(dlv), dirname(go)].join(delimiter);
    // A second time under a name of ours: VS Code takes PATH from the login shell.
    const env = { ...withPath(folders), TINYTAP_GO_PATH: folders };
    if (!existsSync(dlv))
      await step(`installing Delve ${delve}, Go's debugger, into ${bin}`, (log) =>
        run(go, ["install", `github.com/go-delve/delve/cmd/dlv@${delve}`], {
          log,
          env: { ...env, GOBIN: dirname(dlv), GOFLAGS: "" },
        }),
      );
    return env;
  });
}

function withPath(folders: string): NodeJS.ProcessEnv {
  return { ...process.env, PATH: folders + delimiter + process.env["PATH"] };
}

async function findGo(): Promise<string> {
  return (await installedGo()) ?? (await downloadGo());
}

async function installedGo(): Promise<string | undefined> {
  const go = which("go") ?? (existsSync("/usr/local/go/bin/go") ? "/usr/local/go/bin/go" : undefined);
  if (go === undefined) return undefined;
  const [, major = 0, minor = 0] = (/go(\d+)\.(\d+)/.exec(await run(go, ["version"])) ?? []).map(Number);
  const [oldMajor = 0, oldMinor = 0] = oldestGo;
  return major > oldMajor || (major === oldMajor && minor >= oldMinor) ? go : undefined;
}

/** Go's toolchain is a module: the module proxy has it, and any Go would fetch it from there. */
async function downloadGo(): Promise<string> {
  const folder = join(cache, "go");
  const name = `golang.org/toolchain@${goRelease}`;
  const go = join(folder, name, "bin/go");
  if (existsSync(join(folder, ".complete"))) return go;
  if (process.arch !== "x64") throw new SetupError(`please install Go ${oldestGo.join(".")} or newer`);
  await ensurePackages([
    { package: "unzip", why: "unpacks Go's toolchain", present: () => which("unzip") !== undefined },
    {
      package: "ca-certificates",
      why: "so that Go can trust its proxy",
      present: () => existsSync("/etc/ssl/certs"),
    },
  ]);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const zip = join(folder, "go.zip");
  await step(`downloading Go (${goRelease}) into ${folder}`, async () => {
    const [proxy = ""] = (process.env["GOPROXY"] || "https://proxy.golang.org").split(/[,|]/);
    const url = `${proxy}/golang.org/toolchain/@v/${goRelease}.zip`;
    const response = await fetch(url);
    if (!response.ok || response.body === null)
      throw new SetupError(`${url}: ${response.status}; please install Go ${oldestGo.join(".")} or newer`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(zip));
    await run("unzip", ["-q", zip, "-d", folder]);
    rmSync(zip);
    const checksum = await moduleChecksum(folder, name);
    if (checksum !== goChecksum)
      throw new SetupError(`${url}: its checksum is h1:${checksum}, not h1:${goChecksum}`);
    // A module's zip keeps no modes.
    for (const file of globSync(["bin/*", "pkg/tool/*/*"], { cwd: join(folder, name) }))
      chmodSync(join(folder, name, file), 0o755);
    writeFileSync(join(folder, ".complete"), goRelease);
  });
  return go;
}

/** Go's `h1`: a hash over the hashes of all files, in order of their names. */
async function moduleChecksum(folder: string, module: string): Promise<string> {
  const entries = readdirSync(join(folder, module), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const names = files.map((file) => file.slice(folder.length + 1)).toSorted();
  const summary = createHash("sha256");
  for (const name of names) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(join(folder, name)), hash);
    summary.update(`${hash.digest("hex")}  ${name}\n`);
  }
  return summary.digest("base64");
}
