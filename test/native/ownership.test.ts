/** Whose traffic the kernel side takes: what ptrace(2) would let the owner see, and no more. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync } from "node:fs";
import { after, before, test } from "node:test";
import { loadAddon, type Loaded } from "../../helper/capture/addon.ts";
import { dist } from "../../scripts/paths.mjs";
import { descriptors } from "./descriptors.ts";
import { Follower } from "./follower.ts";

const uid = 54_321;
const gid = 54_322;
const another = 54_323;
const ringBytes = 1 << 20;
const addon = loadAddon(dist);
let loaded: Loaded;
let follower: Follower;

before(() => {
  loaded = addon.load({ directory: dist, ownerUid: uid, ownerGid: gid, anyUser: false, ringBytes });
  follower = new Follower(addon, loaded.ring, ringBytes, 4);
});

after(() => {
  follower.drain.close();
  for (const fd of descriptors(loaded)) closeSync(fd);
});

/** Takes on the ids, and, as a change of ids forbids tracing, allows it again; then talks to itself. */
const talk = (become: string) => `
import ctypes, os, socket, sys
def prctl(option, value):
    if ctypes.CDLL(None).prctl(option, value, 0, 0, 0) != 0: sys.exit("prctl")
DUMPABLE, KEEPCAPS = 4, 8
os.setgroups([])
${become}
sys.stdin.readline()
with socket.create_server(("127.0.0.1", 0)) as listener:
    client = socket.create_connection(listener.getsockname())
    client.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
    listener.accept()[0].recv(100)
`;

const own = `os.setresgid(${gid}, ${gid}, ${gid}); os.setresuid(${uid}, ${uid}, ${uid})`;
const traceable = "; prctl(DUMPABLE, 1)";
const users: [what: string, become: string, calls: number][] = [
  ["the owner's own", own + traceable, 2],
  [
    "with another effective group",
    `os.setresgid(${gid}, ${another}, ${gid}); os.setresuid(${uid}, ${uid}, ${uid})` + traceable,
    0,
  ],
  [
    "with another saved group",
    `os.setresgid(${gid}, ${gid}, ${another}); os.setresuid(${uid}, ${uid}, ${uid})` + traceable,
    0,
  ],
  [
    "with another saved user",
    `os.setresgid(${gid}, ${gid}, ${gid}); os.setresuid(${uid}, ${uid}, ${another})` + traceable,
    0,
  ],
  [
    "with another effective user",
    `os.setresgid(${gid}, ${gid}, ${gid}); os.setresuid(${uid}, ${another}, ${uid})` + traceable,
    0,
  ],
  ["with capabilities", `prctl(KEEPCAPS, 1); ${own}${traceable}`, 0],
  ["one that forbids tracing", `${own}; prctl(DUMPABLE, 0)`, 0],
];

for (const [what, become, calls] of users)
  test(`a process ${what}: ${calls === 0 ? "nothing of it is taken" : "taken"}`, async () => {
    const targets = new addon.Targets(loaded.targets);
    const child = spawn("/usr/bin/python3", ["-c", talk(become)], { stdio: ["pipe", "ignore", "inherit"] });
    targets.set(child.pid!, 1);
    // Only then has it become another: what it did before was none of the owner's either.
    await follower.events();
    child.stdin.end("\n");
    const [code] = (await once(child, "exit")) as [number];
    assert.equal(code, 0);
    const segments = (await follower.events()).filter((event) => event.kind === "segment");
    assert.equal(segments.length, calls);
  });
