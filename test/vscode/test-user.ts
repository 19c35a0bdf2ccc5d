/** An ordinary user of the machine, made for a test and removed after it. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { atEnd } from "../../scripts/at-end.mjs";
import type { OtherUser } from "../../scripts/code-server.ts";
import { ensurePackages, which } from "../../scripts/packages.mjs";
import { cache, root } from "../../scripts/paths.mjs";

const polkitd = "/usr/lib/polkit-1/polkitd";

/** Installs what such a user takes to be asked for a password, where that asks nobody. Throws SetupError. */
export async function ensureTestUser(): Promise<void> {
  if (process.getuid?.() !== 0 || !which("apt-get")) return;
  const why = "lets an ordinary user become root in the tests";
  /** By the package that brings it. */
  const programs = {
    sudo: "sudo",
    pkexec: "pkexec",
    polkitd: "pkttyagent",
    dbus: "dbus-daemon",
    procps: "pgrep",
  };
  await ensurePackages(
    Object.entries(programs).map(([name, program]) => ({
      package: name,
      why,
      present: () => which(program) !== undefined,
    })),
  );
  // Where the system has no bus of its own.
  mkdirSync("/run/dbus", { recursive: true });
}

/** Why there can be none here; undefined where there can. */
export function whyNoTestUser(): string | undefined {
  if (process.getuid?.() !== 0) return "makes a user of its own, which takes root";
  const missing = ["useradd", "userdel", "sudo", "visudo", "unshare", "setpriv"].filter(
    (name) => !which(name),
  );
  return missing.length > 0 ? `makes a user of its own, without ${missing.join(", ")}` : undefined;
}

/** Why such a user can be asked for no password; undefined where it can. */
export function whyNoPolkit(): string | undefined {
  const programs = ["pkexec", "pkttyagent", "dbus-daemon", "chpasswd", "nsenter", "pgrep", "script"];
  const missing = programs.filter((name) => !which(name));
  const folders = [polkitd, "/run/dbus", "/etc/polkit-1/rules.d"].filter((path) => !existsSync(path));
  const all = [...missing, ...folders];
  return all.length > 0 ? `lets polkit ask for a password, without ${all.join(", ")}` : undefined;
}

/**
 * Our own home may be closed to others. So in a mount namespace, which ends with its last process, an open one stands in its
 * place, with the clone and the cache in it. There is also another system bus, with a polkit to which this user is the
 * administrator: no agent of a desktop's asks anybody.
 */
const enter = `
set -e
hold=$1 name=$2 home=$3 clone=$4 cache=$5 polkitd=$6; shift 6
mount --bind "$clone" "$hold/clone"
mount --bind "$cache" "$hold/cache"
mount -t tmpfs -o mode=755 tmpfs "$home"
mkdir -p "$clone" "$cache"
mount --bind "$hold/clone" "$clone"
mount --bind "$hold/cache" "$cache"
if [ -n "$polkitd" ]; then
  mount -t tmpfs tmpfs /run/dbus
  mount --bind "$hold/rules" /etc/polkit-1/rules.d
  dbus-daemon --system --nofork --nopidfile --nosyslog >/dev/null 2>&1 &
  while [ ! -e /run/dbus/system_bus_socket ]; do sleep 0.1; done
  "$polkitd" --no-debug >/dev/null 2>&1 &
fi
exec setpriv --reuid="$name" --regid="$name" --init-groups -- "$@"
`;

export class TestUser implements OtherUser {
  readonly name = `tinytap-test-${process.pid}`;
  readonly home: string;
  readonly prefix: readonly string[];
  /** Takes the user and all its rights away. */
  readonly remove: () => Promise<void>;
  readonly #sudoers = join("/etc/sudoers.d", this.name);

  /** In `folder`, which others must be able to enter. */
  constructor(folder: string) {
    this.home = join(folder, "home");
    const hold = join(folder, "hold");
    for (const made of [this.home, ...["clone", "cache", "rules"].map((name) => join(hold, name))])
      mkdirSync(made, { recursive: true });
    this.remove = atEnd(async () => {
      this.forbidSudo();
      // By force: a process of the user's that is just ending is no obstacle.
      execFileSync("userdel", ["--force", this.name], { stdio: "ignore" });
    });
    execFileSync("useradd", ["--home-dir", this.home, "--shell", "/bin/sh", this.name]);
    this.own(this.home);
    // Debian's polkit knows no newer JavaScript.
    const rule = `polkit.addAdminRule(function () { return ["unix-user:${this.name}"]; });\n`;
    writeFileSync(join(hold, "rules/00-test.rules"), rule);
    this.prefix = [
      ...["unshare", "--mount", "--propagation", "private", "sh", "-c", enter, "enter"],
      ...[hold, this.name, homedir(), root, cache, whyNoPolkit() === undefined ? polkitd : ""],
    ];
  }

  own(folder: string): void {
    execFileSync("chown", ["--recursive", `${this.name}:`, folder]);
  }

  /** From now on `sudo -n` succeeds. */
  allowSudo(): void {
    writeFileSync(this.#sudoers, `${this.name} ALL=(root) NOPASSWD: ALL\n`, { mode: 0o440 });
    execFileSync("visudo", ["--check", "--quiet", "--file", this.#sudoers]);
  }

  setPassword(password: string): void {
    execFileSync("chpasswd", { input: `${this.name}:${password}` });
  }

  forbidSudo(): void {
    rmSync(this.#sudoers, { force: true });
  }
}
