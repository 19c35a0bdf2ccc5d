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
  "the exit of a process that has duplicated it": "os.dup(fd); os._exit(0)",
  "exec, which closes it": "os.execv('/bin/cat', ['cat'])",
  "close of a descriptor beyond 4096":
    "high = 5000; limit(high); os.dup2(fd, high); os.close(fd); os.close(high)",
  "the exit of a process whose descriptor is beyond 4096":
    "high = 9000; limit(high); os.dup2(fd, high); os.close(fd); os._exit(0)",
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
import ctypes, os, resource, socket, sys, threading, time
def limit(descriptors):
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
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

test("an AF_UNIX connection lives on while an exec fails, or leaves it another descriptor", async () => {
  const script = `
import os, socket, sys
sys.stdin.readline()
client = socket.socket(socket.AF_UNIX)
client.connect("${address}")
try:
    os.execv("/no/such/program", ["none"])
except OSError:
    pass
os.dup2(client.fileno(), 8)
os.dup2(client.fileno(), 9, inheritable=False)
os.write(8, b"before")
os.execv("/bin/sh", ["sh", "-c", "echo after >&8"])`;
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const child = spawn("/usr/bin/python3", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  new addon.Targets(loaded.targets).set(child.pid!, 1);
  child.stdin.write("\n");
  await exited;
  const [socket] = await accepted;
  const events: SeenEvent[] = [];
  await eventually(async () => {
    events.push(...(await follower.events()));
    return events.some(({ kind }) => kind === "closed");
  });
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["opened", "segment", "segment", "closed"],
  );
  socket.destroy();
});

test("however many AF_UNIX connections stay, they don't keep out TCP's", async () => {
  const batch = 1000; // of pairs: the ring is small
  const batches = 9; // two sockets each: more than the kernel side has room for
  const script = `
import os, resource, socket, sys
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
crowd = []
def talk(kind, where, listener):
    client = socket.socket(kind)
    client.connect(where)
    client.sendall(b"hello")
    server = listener.accept()[0]
    server.recv(10)
    crowd.extend((client, server))
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind("${address}.crowd")
    listener.listen(1)
    for _ in range(${batches}):
        sys.stdin.readline()
        for _ in range(${batch}): talk(socket.AF_UNIX, "${address}.crowd", listener)
        os.write(1, b"talked")
sys.stdin.readline()
with socket.create_server(("127.0.0.1", 0)) as listener:
    talk(socket.AF_INET, listener.getsockname(), listener)
os.write(1, b"talked")
sys.stdin.readline()`;
  const child = spawn("/usr/bin/python3", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  new addon.Targets(loaded.targets).set(child.pid!, 1);
  const opened = async () => {
    child.stdin.write("\n");
    await once(child.stdout, "data");
    return (await follower.events()).filter(({ kind }) => kind === "opened").length;
  };
  try {
    for (let turn = 0; turn < batches; turn++) assert.equal(await opened(), 2 * batch);
    assert.equal(await opened(), 2);
  } finally {
    child.kill();
    await exited;
    await follower.events();
  }
});
