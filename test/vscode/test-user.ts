/** An ordinary user of the machine, made for a test and removed after it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { atEnd } from "../../scripts/at-end.mjs";
import type { OtherUser } from "../../scripts/code-server.ts";
import { which } from "../../scripts/packages.mjs";
import { cache, root } from "../../scripts/paths.mjs";

/** Why there can be none here; undefined where there can. */
export function whyNoTestUser(): string | undefined {
  if (process.getuid?.() !== 0) return "makes a user of its own, which takes root";
  const missing = ["useradd", "userdel", "sudo", "visudo", "unshare", "setpriv"].filter(
    (name) => !which(name),
  );
  return missing.length > 0 ? `makes a user of its own, without ${missing.join(", ")}` : undefined;
}

/**
 * Our own home may be closed to others. So in a mount namespace, which ends with its last process, an open one stands in its
 * place, with the clone and the cache in it. The system's bus is out of reach there too: no agent of a desktop asks anybody.
 */
const enter = `
set -e
hold=$1 name=$2 home=$3 clone=$4 cache=$5; shift 5
mount --bind "$clone" "$hold/clone"
mount --bind "$cache" "$hold/cache"
mount -t tmpfs -o mode=755 tmpfs "$home"
mkdir -p "$clone" "$cache"
mount --bind "$hold/clone" "$clone"
mount --bind "$hold/cache" "$cache"
[ ! -d /run/dbus ] || mount -t tmpfs tmpfs /run/dbus
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
    for (const made of [this.home, join(hold, "clone"), join(hold, "cache")])
      mkdirSync(made, { recursive: true });
    this.remove = atEnd(async () => {
      this.forbidSudo();
      // By force: a process of the user's that is just ending is no obstacle.
      execFileSync("userdel", ["--force", this.name], { stdio: "ignore" });
    });
    execFileSync("useradd", ["--home-dir", this.home, "--shell", "/bin/sh", this.name]);
    this.own(this.home);
    this.prefix = [
      ...["unshare", "--mount", "--propagation", "private", "sh", "-c", enter, "enter"],
      ...[hold, this.name, homedir(), root, cache],
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

  forbidSudo(): void {
    rmSync(this.#sudoers, { force: true });
  }
}
