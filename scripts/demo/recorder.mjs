/**
 * `node recorder.mjs SERVER RECORDING`, in the machine: the command line captures SERVER while it is sent the demo's
 * requests, and writes RECORDING. What happens is told on stdout, a line each.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { requests } from "../demo-extension/requests.cjs";

const [server = "", recording = ""] = process.argv.slice(2);
const port = "8080";
const address = `http://127.0.0.1:${port}`;

const capture = spawn(
  process.execPath,
  ["dist/cli.cjs", "capture", "--format", "har", "--output", recording, "--", server],
  { env: { ...process.env, PORT: port }, stdio: ["ignore", "inherit", "inherit"] },
);
const ended = once(capture, "exit");
const [code] = await Promise.race([ended, visit()]);
process.exit(code === 0 ? 0 : 1);

/** Sends the requests, then ends the capture, which ends the server. @returns {Promise<unknown[]>} its exit code first */
async function visit() {
  while (
    !(await fetch(`${address}/api/hello`).then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await sleep(200);
  for (const [target, init] of requests) {
    const response = await fetch(address + target, init);
    const { byteLength } = await response.arrayBuffer();
    console.log(`${init?.method ?? "GET"} ${target}: ${response.status}, ${byteLength} bytes`);
  }
  capture.kill("SIGINT");
  return ended;
}
