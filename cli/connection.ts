/** A helper of one's own, and typed JSON-RPC with it. */
import { dirname } from "node:path";
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { spawnHelper, type Exit, type Helper } from "../client/helper.ts";
import { defaultRingSize, type Elevation } from "../protocol/capture.ts";
import type {
  CaptureOptions,
  ClientRequests,
  InitializeResult,
  Notifications,
  Requests,
} from "../protocol/rpc.ts";
import { say } from "./terminal.ts";

/** dist/, from which the command line runs; the helper lies beside it. */
export const ownFolder = dirname(process.argv[1] ?? "");

export class HelperConnection {
  readonly #connection: MessageConnection;
  readonly #end: () => void;
  readonly pid: number;
  readonly elevation: Elevation;
  /** Resolves when the helper is gone, whoever ended it. */
  readonly exited: Promise<Exit>;

  private constructor(connection: MessageConnection, helper: Helper) {
    this.#connection = connection;
    this.#end = () => helper.stdin.end();
    this.pid = helper.pid;
    this.elevation = helper.elevation;
    this.exited = helper.exited;
  }

  /** `directory`: where the helper was built to; `ringSize`: in MiB. Throws HelperStartError. */
  static async open(directory: string, ringSize = defaultRingSize): Promise<HelperConnection> {
    const helper = await spawnHelper({
      node: process.execPath,
      directory,
      ringSize,
      log: say,
    });
    const connection = createMessageConnection(
      new StreamMessageReader(helper.stdout),
      new StreamMessageWriter(helper.stdin),
    );
    connection.listen();
    return new HelperConnection(connection, helper);
  }

  initialize(options: CaptureOptions): Promise<InitializeResult> {
    return this.#connection.sendRequest("initialize", { initializationOptions: options });
  }

  request<Name extends keyof Requests>(name: Name, params: Requests[Name][0]): Promise<Requests[Name][1]> {
    return this.#connection.sendRequest(name, params);
  }

  on<Name extends keyof Notifications>(name: Name, handler: (params: Notifications[Name]) => void): void {
    this.#connection.onNotification(name, handler);
  }

  /** Answers the helper's requests of that name. */
  answer<Name extends keyof ClientRequests>(
    name: Name,
    handler: (params: ClientRequests[Name][0]) => ClientRequests[Name][1] | Promise<ClientRequests[Name][1]>,
  ): void {
    this.#connection.onRequest(name, (params: ClientRequests[Name][0]): unknown => handler(params));
  }

  /** Ends the helper, and with it every probe. */
  async close(): Promise<void> {
    this.#connection.dispose();
    this.#end();
    await this.exited;
  }
}
