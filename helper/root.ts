/**
 * The root phase, an entry of its own: attaches the probes, then becomes the helper proper as the invoking user. No
 * package, no JSON-RPC, no traffic in here, and nothing of the client's is read but who it is.
 */
import { execFileSync } from "node:child_process";
import { accessSync } from "node:fs";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { ringSizes } from "../protocol/capture.ts";
import { refusalText } from "../protocol/refusal.ts";
import { isNativeError, loadAddon, type Addon, type Loaded } from "./capture/addon.ts";
import type { Inheritance } from "./capture/capture.ts";
import { askKernel } from "./capture/permission.ts";
import { heapOptions } from "./heap.ts";
import { sayFailure, sayReady, StartFailure } from "./hello.ts";

interface User {
  uid: number;
  gid: number;
  groups: number[];
}

function main(): never {
  const directory = dirname(process.argv[1] ?? "");
  if (process.geteuid?.() !== 0)
    throw new StartFailure("no-root", "Tinytap's helper was not started as root.");
  requireBtf();
  const user = invokingUser();
  const addon = load(directory);
  requirePermission(addon);
  if (process.argv[2] === justAsking) return answer();
  const ringBytes = ringSize() * 1024 * 1024;
  const loaded = attach(addon, directory, user, ringBytes);
  const inheritance: Inheritance = {
    loaded,
    ringBytes,
    startedAt: performance.timeOrigin,
    ...(user.uid !== 0 && { owner: user.uid }),
  };
  return addon.becomeUser({
    ...user,
    file: process.execPath,
    arguments: [process.execPath, ...heapOptions, join(directory, "helper.cjs"), JSON.stringify(inheritance)],
    environment: allowedEnvironment(),
    descriptors: [
      loaded.ring,
      loaded.targets,
      loaded.counters,
      loaded.mutes,
      ...loaded.sources.flatMap(({ links, programs }) => [...links, ...programs.map(({ fd }) => fd)]),
    ],
  });
}

function requireBtf(): void {
  try {
    accessSync("/sys/kernel/btf/vmlinux");
  } catch {
    throw new StartFailure(
      "no-btf",
      "This kernel has no type information (/sys/kernel/btf/vmlinux), which Tinytap needs. Use a kernel built with " +
        "CONFIG_DEBUG_INFO_BTF, as the distributions' kernels are from 5.8 on.",
    );
  }
}

/** The word of a client that wants no helper, only to know whether there could be one. */
const justAsking = "ask";

function answer(): never {
  sayReady();
  process.exit(0);
}

function requirePermission(addon: Addon): void {
  const refusal = askKernel(addon);
  if (refusal === undefined) return;
  const words = refusalText(refusal);
  throw new StartFailure("no-kernel-support", `Tinytap can't capture here: ${words}.`, refusal);
}

/** sudo and pkexec say who asked; root says 0 itself, as silence would be taken for root. The name service knows the rest. */
function invokingUser(): User {
  const named = process.env["TINYTAP_UID"] ?? "";
  if (!/^\d{1,10}$/.test(named))
    throw new StartFailure("refused", `What made Tinytap's helper root named no user, but "${named}".`);
  const uid = Number(named);
  if (uid === 0) return { uid: 0, gid: 0, groups: [0] };
  const ask = (what: string) => execFileSync("/usr/bin/id", [what, "--", String(uid)], { encoding: "utf8" });
  return { uid, gid: Number(ask("-g")), groups: ask("-G").trim().split(" ").map(Number) };
}

function load(directory: string): Addon {
  try {
    return loadAddon(directory);
  } catch (error) {
    throw new StartFailure("no-addon", `Tinytap's addon can't be loaded: ${String(error)}`);
  }
}

/** In MiB. */
function ringSize(): number {
  const text = process.env["TINYTAP_RING"] ?? "";
  const size = ringSizes.find((each) => String(each) === text);
  if (size !== undefined) return size;
  throw new StartFailure("refused", `The ring buffer can have ${ringSizes.join(", ")} MiB, not "${text}".`);
}

function attach(addon: Addon, directory: string, user: User, ringBytes: number): Loaded {
  try {
    return addon.load({
      directory,
      ownerUid: user.uid,
      ownerGid: user.gid,
      anyUser: user.uid === 0,
      ringBytes,
    });
  } catch (error) {
    if (!isNativeError(error)) throw error;
    if (error.log !== undefined) process.stderr.write(error.log);
    throw new StartFailure("load-failed", `The probes could not be attached: ${error.message}.`);
  }
}

/** An allow-list: what the editor's Node needs to be Node, and no io_uring, which would outlive the change of user. */
function allowedEnvironment(): string[] {
  return [
    "UV_USE_IO_URING=0",
    "LANG=C.UTF-8",
    ...(process.env["ELECTRON_RUN_AS_NODE"] ? ["ELECTRON_RUN_AS_NODE=1"] : []),
  ];
}

try {
  main();
} catch (error) {
  sayFailure(error);
}
