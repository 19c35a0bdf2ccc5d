/** Calls of grpc-go, captured, and read by what the server says of itself: as Go's own library writes them. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readCall, type Description } from "../../content/node/grpc.ts";
import { DescriptorBuilder } from "../../content/protobuf/descriptor-builder.ts";
import { addDescribedFile } from "../../content/protobuf/descriptor-set.ts";
import { askForDescriptors } from "../../extension/grpc/reflection.ts";
import { MemoryBytes } from "../../recording/bytes.ts";
import { Reader } from "../../recording/reader.ts";
import { ensureGrpcServer } from "../servers/build.ts";
import { serveGrpc } from "./grpc-server.ts";
import { tinytap } from "./tinytap.ts";

interface Said {
  method: string;
  from: string;
  message: unknown;
}

let folder: string;
before(() => (folder = mkdtempSync(join(tmpdir(), "tinytap-grpc-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

async function description(): Promise<Description> {
  const server = await serveGrpc();
  try {
    const builder = new DescriptorBuilder();
    for (const file of await askForDescriptors(server.address)) addDescribedFile(builder, file);
    return { descriptors: builder.finish(), by: "itself" };
  } finally {
    server.stop();
  }
}

test("unary, refused, both ways at once, compressed: each message is what Go's own library says it is", async () => {
  const described = await description();
  const file = join(folder, "calls.har");
  const command = await ensureGrpcServer();
  const { code, words } = tinytap("capture", "--format", "har", "--output", file, "--", command);
  assert.equal(code, 0, words);
  // What the command says on stdout goes to stderr.
  const expected: Said[] = words
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Said)
    .filter(({ method }) => method !== undefined);
  assert.equal(expected.length, 14);

  const reader = await Reader.open(new MemoryBytes(readFileSync(file)));
  const seen: Record<string, Said[]> = { client: [], server: [] };
  const statuses: string[] = [];
  let compressed = 0;
  for (const { id, role } of reader.exchanges) {
    const exchange = (await reader.exchange(id)) ?? assert.fail();
    const method = exchange.request?.target.split("/").at(-1) ?? "";
    const { messages } = await readCall(
      exchange,
      (side, start, end) => reader.body({ id, side, start, end }),
      described,
    );
    for (const { kind, from, name, text = "", fault, unpacked } of messages) {
      assert.equal(fault, undefined);
      if (kind === "status") statuses.push(`${role} ${name} ${text.replaceAll(/\s+/g, " ")}`);
      else seen[role]?.push({ method, from, message: JSON.parse(text) });
      if (unpacked) compressed++;
    }
  }
  assert.deepEqual(ordered(seen["server"] ?? []), ordered(expected));
  assert.deepEqual(ordered(seen["client"] ?? []), ordered(expected));
  assert.equal(compressed, 2 * (2 + 9));
  const type = "type.googleapis.com/grpc.testing.Payload";
  const refused = `NOT_FOUND no tea, é { "@type": "${type}", "body": "d2h5" }`;
  const ends = ["OK ", "OK ", "OK ", refused];
  assert.deepEqual(
    statuses.toSorted(),
    ["client", "server"].flatMap((role) => ends.map((end) => `${role} ${end}`)).toSorted(),
  );
});

/** By method and side: exchanges, and the two sides of one, may be listed in another order than they were printed. */
function ordered(said: readonly Said[]): Said[] {
  const keyOf = ({ method, from }: Said) => `${method} ${from}`;
  return said.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
}
