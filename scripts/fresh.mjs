/**
 * `npm run fresh [-- --keep] [--container] [--user]`: what a newcomer meets; with `--container` in one with Docker's default
 * capabilities and a seccomp filter like Docker's, with `--user` as a plain user without sudo. Makes a Debian 12 root with only Node 20, npm and git in it, clones
 * this project's HEAD there, and runs the demo's check and the tests by chroot. Needs root. The mirror, the settings of apt,
 * npm and Go, and the certificates are this machine's.
 */
import { spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
} from "node:fs";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { atEnd } from "./at-end.mjs";
import { ensurePackages, which } from "./packages.mjs";
import { root as project } from "./paths.mjs";
import { run, say, script, SetupError, step } from "./progress.mjs";
import { dockerCapabilities, withCapabilities } from "./capabilities.mjs";
import { installInto } from "./setup.mjs";

/** Who enters it. */
const user = process.argv.includes("--user")
  ? { home: "/home/newcomer", id: 1000 }
  : { home: "/root", id: 0 };
// The demo is seen in a Chromium, which only root installs.
const commands = [...(user.id === 0 ? ["npm run demo -- --check"] : []), "npm test"];
const clone = join(user.home, "tinytap");

await script(async () => {
  if (process.getuid?.() !== 0)
    throw new SetupError("a fresh root is made and entered by root: run `sudo npm run fresh`");
  await ensurePackages([
    {
      package: "debootstrap",
      why: "makes the fresh root",
      present: () => which("debootstrap") !== undefined,
    },
  ]);
  // Not /tmp: it may forbid programs and devices.
  const fresh = mkdtempSync("/var/tmp/tinytap-fresh-");
  const remove = atEnd(async () => {
    if (process.argv.includes("--keep")) say(`kept: ${fresh}`);
    else rmSync(fresh, { recursive: true, force: true });
  });
  try {
    await fill(fresh);
    const confinement = process.argv.includes("--container") ? await asInDocker(fresh) : [];
    /** @type {string[]} */
    const failed = [];
    for (const command of commands) {
      const began = Date.now();
      say(`in the fresh root: ${command}`);
      const code = await enter(fresh, command, confinement);
      const took = `${Math.round((Date.now() - began) / 1000)} s`;
      say(`in the fresh root: ${command}: ${code === 0 ? "passed" : `failed with ${code}`} after ${took}`);
      if (code !== 0) failed.push(command);
    }
    if (failed.length > 0) throw new SetupError(`failed on a fresh machine: ${failed.join("; ")}`);
    say("a fresh machine runs all of it");
  } finally {
    await remove();
  }
});

/** @param {string} fresh */
async function fill(fresh) {
  // mkdtemp makes it private, and apt reads as a user of its own.
  chmodSync(fresh, 0o755);
  await step(`making a Debian 12 root in ${fresh}`, (log) =>
    run("debootstrap", ["--variant=minbase", "--include=ca-certificates,git", "bookworm", fresh, mirror()], {
      log,
    }),
  );
  await step("adding Node 20 and npm", async (log) => {
    const name = `node-linux-${process.arch}`;
    await installInto(join(fresh, "opt/node"), [`${name}@20`, "npm@10"], { log });
    const bin = join(fresh, "usr/local/bin");
    symlinkSync(`/opt/node/node_modules/${name}/bin/node`, join(bin, "node"));
    for (const tool of ["npm", "npx"])
      symlinkSync(`/opt/node/node_modules/npm/bin/${tool}-cli.js`, join(bin, tool));
  });
  for (const file of [
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/ssl/certs/ca-certificates.crt",
    join(homedir(), ".npmrc"),
    join(homedir(), ".config/go/env"),
    ...aptSettings(),
  ])
    give(fresh, file);
  if (existsSync("/usr/local/share/ca-certificates"))
    cpSync("/usr/local/share/ca-certificates", join(fresh, "usr/local/share/ca-certificates"), {
      recursive: true,
    });
  await run("git", ["clone", "--quiet", "--no-hardlinks", project, join(fresh, clone)]);
  if (user.id !== 0) {
    appendFileSync(join(fresh, "etc/passwd"), `newcomer:x:${user.id}:${user.id}::${user.home}:/bin/sh\n`);
    appendFileSync(join(fresh, "etc/group"), `newcomer:x:${user.id}:\n`);
  }
  await run("chown", ["-R", `${user.id}:${user.id}`, join(fresh, user.home)]);
}

/**
 * A home file goes to the user's home.
 * @param {string} fresh
 * @param {string} file
 */
function give(fresh, file) {
  if (!existsSync(file)) return;
  const isOwn = file.startsWith(homedir());
  const target = join(fresh, isOwn ? join(user.home, file.slice(homedir().length)) : file);
  mkdirSync(dirname(target), { recursive: true });
  rmSync(target, { force: true });
  copyFileSync(file, target);
}

/**
 * What is put before a command to run it as in a container.
 * @param {string} folder for a program
 */
async function asInDocker(folder) {
  const confine = join(folder, "confine");
  await run("cc", ["-O1", "-o", confine, join(project, "test/environments/confine.c")]);
  return [confine, ...withCapabilities(dockerCapabilities)];
}

/** How apt reaches its mirror here: files that set nothing else. */
function aptSettings() {
  const folder = "/etc/apt/apt.conf.d";
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((file) => {
      const lines = readFileSync(file, "utf8")
        .split("\n")
        .map((line) => line.trim());
      return lines.every((line) => line === "" || /^(?:#|\/\/|Acquire::(?!IndexTargets))/.test(line));
    });
}

/** Where this machine gets Debian from. */
function mirror() {
  const folder = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list", ...readdirSync(folder).map((name) => join(folder, name))];
  for (const file of files.filter((name) => /\.(?:list|sources)$/.test(name) && existsSync(name))) {
    const uri = /^(?:URIs:|deb (?:\[.*\] )?)\s*(https?:\S+\/debian)\/?\s/m.exec(
      readFileSync(file, "utf8"),
    )?.[1];
    if (uri !== undefined) return uri;
  }
  throw new SetupError("apt's sources name no Debian mirror; a Debian root can't be made");
}

/**
 * Runs a command in the clone, in a mount namespace of its own: its mounts are gone when it ends.
 * @param {string} fresh
 * @param {string} command
 * @param {string[]} confinement to be put before it
 * @returns {Promise<number>} its exit code
 */
function enter(fresh, command, confinement) {
  const passed =
    /^(?:.*_proxy|no_proxy|.*CA_CERTS|SSL_CERT_FILE|CURL_CA_BUNDLE|GIT_SSL_CAINFO|GOPROXY|GOSUMDB)$/i;
  const environment = Object.entries(process.env)
    .filter(([name]) => passed.test(name))
    .map(([name, value]) => `${name}=${value}`);
  writeFileSync(
    join(fresh, "enter.sh"),
    `set -e
# A mount of its own, so that mount namespaces can be made inside.
mount --bind "$1" "$1"
for kind in proc:proc sysfs:sys devtmpfs:dev; do mount -t "\${kind%:*}" none "$1/\${kind#*:}"; done
mkdir -p "$1/dev/pts" "$1/dev/shm"
mount -t devpts none "$1/dev/pts"
mount -t tmpfs none "$1/dev/shm"
mount -t tracefs none "$1/sys/kernel/tracing"
exec $confinement chroot --userspec=${user.id}:${user.id} --groups= "$1" env -i "\${@:3}" sh -c "cd ${clone} && $2"
`,
  );
  const standard = [
    `HOME=${user.home}`,
    "LANG=C.UTF-8",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  ];
  const child = spawn(
    "unshare",
    ["--mount", "bash", join(fresh, "enter.sh"), fresh, command, ...standard, ...environment],
    { env: { ...process.env, confinement: confinement.join(" ") }, stdio: ["ignore", "inherit", "inherit"] },
  );
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}
