/** A call is read by number until its server is asked; what is asked then is none of the server's traffic. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { spawnHelper } from "../../client/helper.ts";
import { Conversations } from "../../extension/grpc/conversations.ts";
import { Descriptions } from "../../extension/grpc/descriptions.ts";
import { askForDescriptors } from "../../extension/grpc/reflection.ts";
import { Exchanges } from "../../extension/model/exchanges.ts";
import { Recordings } from "../../extension/model/recordings.ts";
import { Sources } from "../../extension/model/sources.ts";
import type { Notifications, Requests } from "../../protocol/rpc.ts";
import { dist } from "../../scripts/paths.mjs";
import { eventually } from "./eventually.ts";
import { serveGrpc } from "./grpc-server.ts";

test("a call is described once its server was asked, and that is no row", async () => {
  const server = await serveGrpc();
  const helper = await spawnHelper({ node: process.execPath, directory: dist, log: () => {} });
  const connection = createMessageConnection(
    new StreamMessageReader(helper.stdout),
    new StreamMessageWriter(helper.stdin),
  );
  connection.listen();
  try {
    const request = <M extends keyof Requests>(method: M, params: Requests[M][0]): Promise<Requests[M][1]> =>
      connection.sendRequest(method, params);
    const exchanges = new Exchanges();
    const sources = new Sources();
    const source = sources.add({
      exchange: (id) => request("tinytap/exchange", { id }),
      body: (params) => request("tinytap/body", params),
      search: (params) => request("tinytap/search", params),
    });
    let told = 0;
    connection.onNotification("tinytap/exchanges", (batch: Notifications["tinytap/exchanges"]) => {
      told = Math.max(told, ...batch.exchanges.map(({ id }) => id));
      exchanges.apply(source, batch);
    });
    const conversations = new Conversations({
      ...{ sources, recordings: new Recordings(sources), ownConnections: exchanges.ownConnections },
      descriptions: new Descriptions({
        description: async () => ({ description: undefined, problems: ["shop.proto: it is no such file"] }),
        onChange: () => ({ dispose: () => {} }),
      }),
    });
    let changes = 0;
    conversations.onChange(() => changes++);
    await connection.sendRequest("initialize", { initializationOptions: { targets: [{ pid: server.pid }] } });
    exchanges.begin(source, Date.now());

    // Somebody else asks, as any client of the server may.
    await askForDescriptors(server.address);
    await eventually(() => exchanges.rows.some(({ state }) => state !== "in-flight"));
    const { key } = exchanges.rows[0] ?? assert.fail();
    const before = await conversations.read(key);
    assert.ok(before.kind === "call" && before.isUndescribed);
    assert.equal(before.askable, server.address);
    assert.ok(before.notes.includes("shop.proto: it is no such file"));
    assert.equal(before.messages[0]?.text, '7: ""');

    await conversations.ask(key);
    assert.equal(changes, 1);
    const after = await conversations.read(key);
    assert.ok(after.kind === "call" && !after.isUndescribed);
    assert.deepEqual(after.notes, [`read by what ${server.address} says of itself`]);
    assert.equal(after.messages[0]?.name, "grpc.reflection.v1.ServerReflectionRequest");
    assert.equal(after.messages[0]?.text, '{\n  "listServices": ""\n}');
    assert.ok(after.messages.every(({ fault }) => fault === undefined));

    await eventually(() => told > 1);
    await request("tinytap/drain", null);
    assert.equal(exchanges.size, 1);
    assert.deepEqual([exchanges.unsent, exchanges.givenUp], [0, 0]);
  } finally {
    connection.dispose();
    helper.stdin.end();
    await helper.exited;
    server.stop();
  }
});
