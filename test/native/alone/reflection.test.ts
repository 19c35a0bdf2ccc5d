/** What servers say when they are asked for their descriptors. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { createServer as createHttpServer } from "node:http";
import { test } from "node:test";
import { describedFile } from "../../../content/protobuf/descriptor-set.ts";
import { askForDescriptors } from "../../../extension/grpc/reflection.ts";
import { whyNotInstalled } from "../../../scripts/packages.mjs";
import { ensureGrpcServer } from "../../servers/build.ts";
import { serveGrpc } from "../grpc-server.ts";

const skip = (await whyNotInstalled(ensureGrpcServer)) ?? false;

test(
  "grpc-go: the files of all its services, and what they import; our end is told before",
  { skip },
  async () => {
    const server = await serveGrpc();
    try {
      let told = "";
      const files = await askForDescriptors(server.address, { onConnect: (address) => (told = address) });
      const names = files.map((file) => describedFile(file).name);
      assert.match(told, /^127\.0\.0\.1:\d+$/);
      assert.ok(
        names.some((name) => name.endsWith("grpc/testing/test.proto")),
        names.join(),
      );
      assert.ok(
        names.some((name) => name.endsWith("grpc/testing/messages.proto")),
        names.join(),
      );
      assert.equal(new Set(names).size, names.length);
    } finally {
      server.stop();
    }
  },
);

test("grpc-go without reflection: it offers none", { skip }, async () => {
  const server = await serveGrpc("-reflection=false");
  try {
    await assert.rejects(askForDescriptors(server.address), {
      message: `${server.address} can't be asked: it offers no reflection.`,
    });
  } finally {
    server.stop();
  }
});

test("a server of HTTP/1, one that says nothing, and none at all: a reason each", async () => {
  const http = createHttpServer((_, response) => response.end()).listen(0, "127.0.0.1");
  const silent = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
  await Promise.all([once(http, "listening"), once(silent, "listening")]);
  const addressOf = (server: { address(): unknown }) => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await assert.rejects(askForDescriptors(addressOf(http)), /it speaks no HTTP\/2 in clear/);
  const patience = AbortSignal.timeout(200);
  await assert.rejects(askForDescriptors(addressOf(silent), { signal: patience }), /can't be asked/);
  const gone = addressOf(silent);
  http.close();
  silent.close();
  await once(silent, "close");
  await assert.rejects(askForDescriptors(gone), /ECONNREFUSED/);
});
