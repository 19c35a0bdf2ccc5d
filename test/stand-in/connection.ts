import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import type { Helper } from "../../client/helper.ts";

/** JSON-RPC with a stand-in; not listening yet. */
export function connectTo({ stdout, stdin }: Helper): MessageConnection {
  return createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
}
