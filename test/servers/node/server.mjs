/** node:http for the kernel suite. Arguments: port, folder of files. */
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";

const [port, folder = "."] = process.argv.slice(2);

// Five seconds between two requests are none to an emulated client.
createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const [, kind, rest = ""] = (request.url ?? "").split("/");
  if (kind === "files") createReadStream(join(folder, basename(rest))).pipe(response);
  else if (kind === "bytes") response.end(randomBytes(Number(rest)));
  else if (kind === "echo") request.pipe(response);
  else if (kind === "stream") stream(response, randomBytes(Number(rest)));
  else response.writeHead(404).end();
}).listen(Number(port), "127.0.0.1");

/** @param {import("node:http").ServerResponse} response @param {Buffer} body */
function stream(response, body) {
  for (let at = 0, step = 1; at < body.length; at += step, step = step * 3 + 1)
    response.write(body.subarray(at, at + step));
  response.end();
}
