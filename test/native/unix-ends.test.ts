/** However a process lets go of an AF_UNIX connection, the kernel side sees its end: no tracepoint tells it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { loadAddon, type Loaded } from "../../helper/capture/addon.ts";
import { dist } from "../../scripts/paths.mjs";
import { descriptors } from "./descriptors.ts";
import { eventually } from "./eventually.ts";
import { Follower, type SeenEvent } from "./follower.ts";

const ringBytes = 1 << 20;
const addon = loadAddon(dist);
const folder = mkdtempSync(join(tmpdir(), "tinytap-unix-"));
const address = join(folder, "socket");
let loaded: Loaded;
let follower: Follower;
let server: Server;

before(async () => {
  loaded = addon.load({ directory: dist, ownerUid: 0, ownerGid: 0, anyUser: true, ringBytes });
  follower = new Follower(addon, loaded.ring, ringBytes, 4);
  server = createServer().listen(address);
  await once(server, "listening");
});

after(() => {
  follower.drain.close();
  server.close();
  for (const fd of descriptors(loaded)) closeSync(fd);
  rmSync(folder, { recursive: true });
});

const ways: Record<string, string> = {
  close: "os.close(fd)",
  close_range: "ctypes.CDLL(None).syscall(436, fd, fd + 5, 0)",
  dup2: "os.dup2(1, fd)",
  dup3: "os.dup2(1, fd, inheritable=False)",
  "its process's exit": "os._exit(0)",
  "close while another thread receives": `
reader = threading.Thread(target=lambda: os.read(fd, 1))
reader.start()
time.sleep(0.1)
os.close(fd)
os.write(1, b"closed")
reader.join()`,
};

for (const [way, code] of Object.entries(ways))
  test(`an AF_UNIX connection ends by ${way}`, async () => {
    const script = `
import ctypes, os, socket, sys, threading, time
sys.stdin.readline()
fd = socket.socket(socket.AF_UNIX)
fd.connect("${address}")
fd = fd.detach()
os.write(fd, b"hello")
${code}
sys.stdin.readline()`;
    const accepted = once(server, "connection") as Promise<[Socket]>;
    const child = spawn("/usr/bin/python3", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
    const exited = once(child, "exit");
    new addon.Targets(loaded.targets).set(child.pid!, 1);
    child.stdout.on("data", () => void accepted.then(([socket]) => socket.write("x")));
    child.stdin.on("error", () => {}); // it may have ended by itself
    child.stdin.write("\n");
    try {
      const [socket] = await accepted;
      const events: SeenEvent[] = [];
      await eventually(async () => {
        events.push(...(await follower.events()));
        return events.some(({ kind }) => kind === "closed");
      });
      assert.deepEqual(
        events.filter(({ kind }) => kind !== "segment").map(({ kind }) => kind),
        ["opened", "closed"],
      );
      socket.destroy();
    } finally {
      child.kill();
      await exited;
    }
  });
