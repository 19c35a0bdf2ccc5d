/** JSON-RPC on stdin and stdout: the contract of protocol/rpc.ts. */
import type { Readable, Writable } from "node:stream";
import {
  createMessageConnection,
  ErrorCodes,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { maxBodyChunk, maxFrame, type InitializeResult, type Requests } from "../../protocol/rpc.ts";
import type { SearchResult } from "../../protocol/search.ts";
import { bodyResult } from "../exchanges/body-result.ts";
import type { Client } from "./feed.ts";
import { frameGuard } from "./guard.ts";
import {
  checkOptions,
  checkRun,
  checkTargets,
  type LastingOptions,
  integer,
  list,
  oneOf,
  record,
} from "./options.ts";
import { checkSearch } from "./search-params.ts";
import { Session, type CaptureSource } from "./session.ts";

/** Of a request, as they came: each is checked before it is used. */
type Params = Record<string, unknown>;

/** As the Language Server Protocol numbers it. */
const requestCancelled = -32_800;

/** `directory`: where the helper's other files lie. Serves one client until its end of the pipe closes. Never returns control of the process: it exits. */
export function serve(
  capture: CaptureSource,
  directory: string,
  startup: number,
  input: Readable,
  output: Writable,
): void {
  const guard = frameGuard(maxFrame);
  // The process ends with its client, whatever it was doing; its probes end with it.
  input.on("end", () => process.exit(0));
  output.on("error", () => process.exit(0));
  guard.on("error", (error) => giveUp(error));
  const reader = new StreamMessageReader(input.pipe(guard));
  const connection = createMessageConnection(reader, new StreamMessageWriter(output));
  reader.onError((error) => giveUp(error));
  new Server(capture, directory, startup, connection).listen();
}

/** A client that doesn't speak JSON-RPC can't be answered in it. */
function giveUp(error: Error): never {
  process.stderr.write(`Tinytap's helper stops: its client sent no valid JSON-RPC (${error.message}).\n`);
  process.exit(2);
}

class Server {
  readonly #capture: CaptureSource;
  readonly #directory: string;
  readonly #startup: number;
  readonly #connection: MessageConnection;
  #session: Session | undefined;

  constructor(capture: CaptureSource, directory: string, startup: number, connection: MessageConnection) {
    this.#capture = capture;
    this.#directory = directory;
    this.#startup = startup;
    this.#connection = connection;
  }

  listen(): void {
    const connection = this.#connection;
    connection.onRequest("initialize", (params: unknown) => this.#initialize(params));
    connection.onRequest("shutdown", () => null);
    connection.onNotification("exit", () => process.exit(0));
    connection.onNotification("initialized", () => {});
    this.#answer("tinytap/watch", ({ targets }, session) => ({
      targets: session.watch(checkTargets(targets)),
    }));
    this.#answer("tinytap/unwatch", ({ pids }, session) => session.unwatch(checkPids(pids)).then(() => null));
    this.#answer("tinytap/status", (_, session) => session.status);
    this.#answer("tinytap/exchange", (params, { traffic }) => traffic.exchange(exchangeId(params)) ?? null);
    this.#answer("tinytap/body", bodyOf);
    this.#answer("tinytap/search", searchPage);
    this.#answer("tinytap/pin", (params, { traffic }) => ({
      pinned: traffic.pin(exchangeId(params), Boolean(params["pinned"])),
    }));
    this.#answer("tinytap/hold", ({ held }, { traffic }) => (traffic.hold(Boolean(held)), null));
    this.#answer("tinytap/clear", (_, { traffic }) => (traffic.clear(), null));
    this.#answer("tinytap/begin", beginRun);
    this.#answer("tinytap/end", (_, session) => session.endRun());
    this.#answer("tinytap/drain", (_, session) => session.drain());
    this.#answer("tinytap/detach", (_, session) => session.detach());
    connection.listen();
  }

  #answer<Name extends keyof Requests>(
    name: Name,
    handler: (
      params: Params,
      session: Session,
      token: CancellationToken,
    ) => Requests[Name][1] | Promise<Requests[Name][1]>,
  ): void {
    this.#connection.onRequest(name, async (params: unknown, token): Promise<unknown> => {
      const session = this.#session;
      if (session === undefined)
        throw new ResponseError(ErrorCodes.ServerNotInitialized, `${name} came before initialize`);
      return await explained(() => handler(record(params ?? {}, "params"), session, token));
    });
  }

  #initialize(params: unknown): Promise<InitializeResult> {
    return explained(() => {
      if (this.#session !== undefined) throw new Error("initialize came twice");
      const { run, ...options } = checkOptions(record(params ?? {}, "params")["initializationOptions"]);
      const session = this.#begin(options, run.maxBody);
      return { capabilities: {}, ...session.beginRun(run) };
    });
  }

  #begin(options: LastingOptions, maxBody: number): Session {
    const connection = this.#connection;
    const client: Client = {
      notify: (name, params) => connection.sendNotification(name, params),
      ask: (name, params) => connection.sendRequest(name, params),
    };
    const capture = this.#capture;
    const [directory, startup] = [this.#directory, this.#startup];
    // It is there when `start` returns.
    let session!: Session;
    capture.start(options.memory, (slabs) => {
      session = new Session({ options, maxBody, capture, slabs, directory, client, startup });
      return session.traffic;
    });
    return (this.#session = session);
  }
}

async function beginRun(params: Params, session: Session): Promise<Requests["tinytap/begin"][1]> {
  const run = checkRun(params, session.options);
  await session.endRun();
  return session.beginRun(run);
}

function bodyOf(params: Params, { traffic }: Session): Requests["tinytap/body"][1] {
  const start = integer(params["start"], "start", 0, Number.MAX_SAFE_INTEGER);
  const end = integer(params["end"], "end", start, Number.MAX_SAFE_INTEGER);
  const side = oneOf(params["side"], "side", ["request", "response"]);
  const parts = traffic.body(exchangeId(params), side, start, Math.min(end, start + maxBodyChunk));
  return bodyResult(parts, start);
}

function searchPage(params: Params, session: Session, token: CancellationToken): Promise<SearchResult> {
  const cancellation = new AbortController();
  const cancel = () => cancellation.abort(new ResponseError(requestCancelled, "The search was cancelled."));
  token.onCancellationRequested(cancel);
  // Cancelled while it stood in the queue, it tells nobody.
  if (token.isCancellationRequested) cancel();
  return session.searches.search(checkSearch(params), cancellation.signal);
}

function exchangeId(params: Params): number {
  return integer(params["id"], "id", 1, Number.MAX_SAFE_INTEGER);
}

function checkPids(value: unknown): number[] {
  return list(value, "pids").map((pid) => integer(pid, "pids", 1, 2 ** 22));
}

/** An error of the client's making comes back with its message, not as an internal error. */
async function explained<Result>(body: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      throw new ResponseError(ErrorCodes.InvalidParams, error.message);
    throw error;
  }
}
