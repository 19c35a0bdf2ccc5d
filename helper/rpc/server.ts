/** JSON-RPC on stdin and stdout: the contract of protocol/rpc.ts. */
import type { Readable, Writable } from "node:stream";
import {
  createMessageConnection,
  ErrorCodes,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import type { CaptureStatus, TargetResult } from "../../protocol/capture.ts";
import {
  maxBodyChunk,
  maxExchanges,
  maxFrame,
  type BodyResult,
  type InitializeResult,
  type Requests,
} from "../../protocol/rpc.ts";
import type { Capture } from "../capture/capture.ts";
import { Traffic } from "../http/traffic.ts";
import { Feed } from "./feed.ts";
import { frameGuard } from "./guard.ts";
import { Untraced } from "./untraced.ts";
import { checkOptions, checkTargets, integer, list, oneOf, record } from "./options.ts";

/** How often holes in the streams are looked at, in milliseconds. */
const expireInterval = 100;

/** Serves one client until its end of the pipe closes. Never returns control of the process: it exits. */
export function serve(capture: Capture, startup: number, input: Readable, output: Writable): void {
  const guard = frameGuard(maxFrame);
  // The process ends with its client, whatever it was doing; its probes end with it.
  input.on("end", () => process.exit(0));
  output.on("error", () => process.exit(0));
  guard.on("error", (error) => giveUp(error));
  const reader = new StreamMessageReader(input.pipe(guard));
  const connection = createMessageConnection(reader, new StreamMessageWriter(output));
  reader.onError((error) => giveUp(error));
  new Server(capture, startup, connection).listen();
}

/** A client that doesn't speak JSON-RPC can't be answered in it. */
function giveUp(error: Error): never {
  process.stderr.write(`Tinytap's helper stops: its client sent no valid JSON-RPC (${error.message}).\n`);
  process.exit(2);
}

/** Set by `initialize`. */
interface Session {
  traffic: Traffic;
  feed: Feed;
}

class Server {
  readonly #capture: Capture;
  readonly #startup: number;
  readonly #connection: MessageConnection;
  readonly #untraced = new Untraced((line) => process.stderr.write(`${line}\n`));
  #session: Session | undefined;

  constructor(capture: Capture, startup: number, connection: MessageConnection) {
    this.#capture = capture;
    this.#startup = startup;
    this.#connection = connection;
  }

  listen(): void {
    const connection = this.#connection;
    connection.onRequest("initialize", (params: unknown) => this.#initialize(params));
    connection.onRequest("shutdown", () => null);
    connection.onNotification("exit", () => process.exit(0));
    connection.onNotification("initialized", () => {});
    this.#answer("tinytap/watch", (params) => ({ targets: this.#watch(params["targets"]) }));
    this.#answer("tinytap/unwatch", (params) => this.#unwatch(params["pids"]));
    this.#answer("tinytap/status", () => this.#status());
    this.#answer("tinytap/exchange", (params) => this.#traffic.exchange(exchangeId(params)) ?? null);
    this.#answer("tinytap/body", (params) => this.#body(params));
    this.#answer("tinytap/clear", () => (this.#traffic.clear(), null));
    this.#answer("tinytap/drain", () => this.#drain());
    this.#answer("tinytap/detach", () => this.#detach());
    connection.listen();
  }

  #answer<Name extends keyof Requests>(
    name: Name,
    handler: (params: Record<string, unknown>) => Requests[Name][1] | Promise<Requests[Name][1]>,
  ): void {
    this.#connection.onRequest(name, async (params: unknown): Promise<unknown> => {
      if (this.#session === undefined)
        throw new ResponseError(ErrorCodes.ServerNotInitialized, `${name} came before initialize`);
      return await explained(() => handler(record(params ?? {}, "params")));
    });
  }

  #initialize(params: unknown): Promise<InitializeResult> {
    return explained(() => {
      if (this.#session !== undefined) throw new Error("initialize came twice");
      const options = checkOptions(record(params ?? {}, "params")["initializationOptions"]);
      this.#capture.chooseSendfile(options.sendfile);
      const traffic = new Traffic({
        ...options,
        maxTotal: options.memory * 2 ** 20,
        digests: options.bodies === "hashed",
        maxExchanges,
        wallClockOffset: Date.now() - monotonicNow(),
        processName: (pid) => this.#capture.targets.name(pid),
        untraced: (pid) => this.#untraced.add(pid, this.#capture.targets.name(pid)),
      });
      const feed = new Feed(
        traffic,
        options.feed === "finished",
        (name, params) => this.#connection.sendNotification(name, params),
        async (exchanges) => {
          await this.#connection.sendRequest("tinytap/finished", { exchanges });
        },
        () => this.#status(),
      );
      this.#session = { traffic, feed };
      this.#capture.start(traffic);
      setInterval(() => traffic.expire(monotonicNow()), expireInterval);
      const targets = this.#watch(options.targets);
      return { capabilities: {}, status: this.#status(), targets };
    });
  }

  get #traffic(): Traffic {
    if (this.#session === undefined) throw new Error("not initialized");
    return this.#session.traffic;
  }

  #watch(targets: unknown): TargetResult[] {
    return checkTargets(targets).map((target) => this.#capture.watch(target));
  }

  #unwatch(pids: unknown): null {
    for (const pid of list(pids, "pids")) this.#capture.targets.unwatch(integer(pid, "pids", 1, 2 ** 22));
    return null;
  }

  #status(): CaptureStatus {
    const traffic = this.#session?.traffic;
    return {
      sources: this.#capture.sources,
      targets: this.#capture.targets.pids,
      tally: {
        exchanges: traffic?.exchanges ?? 0,
        inFlight: traffic?.inFlight ?? 0,
        bytes: traffic?.bytes ?? 0,
        otherConnections: traffic?.otherConnections ?? 0,
        memory: { size: 0, used: 0, pinned: 0 },
        lost: {
          ...this.#capture.lost,
          ...(traffic?.unseen && { "exchange-dropped": traffic.unseen }),
          ...(this.#untraced.gaps > 0 && { untraced: this.#untraced.gaps }),
        },
      },
      startup: this.#startup,
    };
  }

  #body(params: Record<string, unknown>): BodyResult {
    const start = integer(params["start"], "start", 0, Number.MAX_SAFE_INTEGER);
    const end = integer(params["end"], "end", start, Number.MAX_SAFE_INTEGER);
    const side = oneOf(params["side"], "side", ["request", "response"]);
    const bytes = this.#traffic.body(exchangeId(params), side, start, Math.min(end, start + maxBodyChunk));
    const stop = start + bytes.length;
    const { ranges = [], missing = [] } = this.#traffic.exchange(exchangeId(params))?.[side]?.body ?? {};
    return {
      base64: Buffer.from(bytes).toString("base64"),
      end: stop,
      ranges: clipped(ranges, start, stop),
      missing: clipped(missing, start, stop),
    };
  }

  async #drain(): Promise<CaptureStatus> {
    this.#capture.drain();
    this.#traffic.expire(monotonicNow());
    await this.#session?.feed.flush();
    return this.#status();
  }

  async #detach(): Promise<CaptureStatus> {
    this.#capture.detach();
    this.#traffic.end(monotonicNow());
    return this.#drain();
  }
}

/** The parts of ranges that lie in `[start, end)`. */
function clipped<Each extends { start: number; end: number }>(
  ranges: Each[],
  start: number,
  end: number,
): Each[] {
  return ranges
    .map((range) => ({ ...range, start: Math.max(range.start, start), end: Math.min(range.end, end) }))
    .filter((range) => range.start < range.end);
}

function exchangeId(params: Record<string, unknown>): number {
  return integer(params["id"], "id", 1, Number.MAX_SAFE_INTEGER);
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

/** Milliseconds on the clock of the kernel's records. */
function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
