/** A client that sends all of its upload whatever the answer is. Argument: port. */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const port = Number(process.argv[2]);
const upload = Buffer.alloc(1 << 20);
const head = `POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: ${upload.length}\r\n\r\n`;

const socket = await connected();
socket.on("error", () => {}).resume();
socket.write(Buffer.concat([Buffer.from(head), upload.subarray(0, 1000)]));
await sleep(500);
socket.end(upload.subarray(1000));
await once(socket, "close");

async function connected() {
  for (;;) {
    const connecting = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    try {
      await once(connecting, "connect");
      return connecting;
    } catch {
      // Nobody listens yet.
      await sleep(50);
    }
  }
}
