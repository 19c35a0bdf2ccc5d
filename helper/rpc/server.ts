/** JSON-RPC on stdin and stdout: the contract of protocol/rpc.ts. */
import { join } from "node:path";
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
import type { CaptureStatus, TargetResult } from "../../protocol/capture.ts";
import {
  maxBodyChunk,
  maxExchanges,
  maxFrame,
  type InitializeResult,
  type Requests,
  type RunOptions,
} from "../../protocol/rpc.ts";
import type { SearchResult } from "../../protocol/search.ts";
import type { Capture } from "../capture/capture.ts";
import { WallClock } from "../capture/clock.ts";
import { Digests } from "../digest/digests.ts";
import { bodyResult } from "../exchanges/body-result.ts";
import { Searches } from "../search/searches.ts";
import { Traffic } from "../traffic/traffic.ts";
import type { Slabs } from "../memory/slabs.ts";
import { Feed, type Client } from "./feed.ts";
import { frameGuard } from "./guard.ts";
import { checkSearch } from "./search-params.ts";
import { Untraced } from "./untraced.ts";
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

/** What is asked of a capture; in the helper, `Capture`. */
export interface CaptureSource extends Pick<
  Capture,
  "chooseSendfile" | "start" | "watch" | "unwatch" | "mute" | "drain" | "detach" | "now" | "sources" | "lost"
> {
  readonly targets: Pick<Capture["targets"], "pids" | "name">;
}

/** As the Language Server Protocol numbers it. */
const requestCancelled = -32_800;
/** How often holes in the streams are looked at, in milliseconds. */
const expireInterval = 100;
/** Finished exchanges that wait for a client that is slow to take them; beyond, the oldest are dropped, and counted. */
const maxUntaken = 100_000;

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

/** Set by `initialize`. */
interface Session {
  options: LastingOptions;
  traffic: Traffic;
  feed: Feed;
  searches: Searches;
  /** Bytes for what is captured. */
  memory: number;
}

class Server {
  readonly #capture: CaptureSource;
  readonly #directory: string;
  readonly #startup: number;
  readonly #connection: MessageConnection;
  readonly #untraced = new Untraced((line) => process.stderr.write(`${line}\n`));
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
    this.#answer("tinytap/watch", (params) => ({ targets: this.#watch(params["targets"]) }));
    this.#answer("tinytap/unwatch", (params) => this.#unwatch(params["pids"]));
    this.#answer("tinytap/status", () => this.#status());
    this.#answer("tinytap/exchange", (params) => this.#traffic.exchange(exchangeId(params)) ?? null);
    this.#answer("tinytap/body", (params) => this.#body(params));
    this.#answer("tinytap/search", (params, token) => this.#search(params, token));
    this.#answer("tinytap/pin", (params) => ({
      pinned: this.#traffic.pin(exchangeId(params), Boolean(params["pinned"])),
    }));
    this.#answer("tinytap/hold", (params) => (this.#traffic.hold(Boolean(params["held"])), null));
    this.#answer("tinytap/clear", () => (this.#traffic.clear(), null));
    this.#answer("tinytap/begin", (params) => this.#begin(params));
    this.#answer("tinytap/end", () => this.#endRun());
    this.#answer("tinytap/drain", () => this.#drain());
    this.#answer("tinytap/detach", () => this.#detach());
    connection.listen();
  }

  #answer<Name extends keyof Requests>(
    name: Name,
    handler: (
      params: Record<string, unknown>,
      token: CancellationToken,
    ) => Requests[Name][1] | Promise<Requests[Name][1]>,
  ): void {
    this.#connection.onRequest(name, async (params: unknown, token): Promise<unknown> => {
      if (this.#session === undefined)
        throw new ResponseError(ErrorCodes.ServerNotInitialized, `${name} came before initialize`);
      return await explained(() => handler(record(params ?? {}, "params"), token));
    });
  }

  #initialize(params: unknown): Promise<InitializeResult> {
    return explained(() => {
      if (this.#session !== undefined) throw new Error("initialize came twice");
      const { run, ...options } = checkOptions(record(params ?? {}, "params")["initializationOptions"]);
      this.#capture.start(options.memory, (slabs) => this.#start(options, run, slabs));
      return { capabilities: {}, ...this.#beginRun(run) };
    });
  }

  #beginRun({ sendfile, maxBody, exclude, targets }: Required<RunOptions>): Requests["tinytap/begin"][1] {
    this.#traffic.maxBody = maxBody;
    this.#traffic.exclude = exclude;
    this.#capture.chooseSendfile(sendfile);
    const results = this.#watch(targets);
    return { status: this.#status(), targets: results };
  }

  async #begin(params: Record<string, unknown>): Promise<Requests["tinytap/begin"][1]> {
    const run = checkRun(params, this.#options);
    await this.#endRun();
    return this.#beginRun(run);
  }

  async #endRun(): Promise<CaptureStatus> {
    await this.#capture.unwatch(this.#capture.targets.pids);
    this.#traffic.endRun(this.#capture.now);
    return this.#drain();
  }

  #start(options: LastingOptions, run: Required<RunOptions>, slabs: Slabs): Traffic {
    const capture = this.#capture;
    const clock = new WallClock();
    const digests =
      options.bodies === "hashed" ? new Digests(join(this.#directory, "digests.cjs"), slabs) : undefined;
    const handsOver = options.feed === "finished";
    const traffic = new Traffic({
      ...options,
      maxBody: run.maxBody,
      slabs,
      handsOver,
      maxExchanges: handsOver ? maxUntaken : maxExchanges,
      createHasher: () => digests!.createHasher(),
      wallClockOffset: () => clock.offset,
      processName: (pid) => capture.targets.name(pid),
      untraced: (pid) => this.#untraced.add(pid, capture.targets.name(pid)),
      mute: (...what) => capture.mute(...what),
    });
    const client: Client = {
      notify: (name, params) => this.#connection.sendNotification(name, params),
      ask: (name, params) => this.#connection.sendRequest(name, params),
    };
    const feed = new Feed(traffic, handsOver, client, () => this.#status());
    const searches = new Searches(join(this.#directory, "search.cjs"), slabs, traffic);
    this.#session = { options, traffic, feed, searches, memory: slabs.bytes.length };
    setInterval(() => traffic.expire(capture.now), expireInterval);
    return traffic;
  }

  get #traffic(): Traffic {
    return this.#initialized.traffic;
  }

  get #options(): LastingOptions {
    return this.#initialized.options;
  }

  get #initialized(): Session {
    if (this.#session === undefined) throw new Error("not initialized");
    return this.#session;
  }

  #watch(targets: unknown): TargetResult[] {
    return checkTargets(targets).map((target) => this.#capture.watch(target));
  }

  async #unwatch(pids: unknown): Promise<null> {
    await this.#capture.unwatch(list(pids, "pids").map((pid) => integer(pid, "pids", 1, 2 ** 22)));
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
        excluded: traffic?.excluded ?? 0,
        bytes: traffic?.bytes ?? 0,
        otherConnections: { ...traffic?.otherConnections },
        splicedConnections: traffic?.splicedConnections ?? 0,
        memory: {
          size: this.#session?.memory ?? 0,
          used: traffic?.memory.used ?? 0,
          pinned: traffic?.memory.pinned ?? 0,
        },
        lost: {
          ...this.#capture.lost,
          ...(traffic?.evictedUnseen && { evicted: traffic.evictedUnseen }),
          ...(traffic?.unpaired && { unpaired: traffic.unpaired }),
          ...(traffic?.unseen && { "exchange-dropped": traffic.unseen }),
          ...(this.#untraced.gaps > 0 && { untraced: this.#untraced.gaps }),
        },
      },
      cost: costSoFar(),
      startup: this.#startup,
    };
  }

  #body(params: Record<string, unknown>): Requests["tinytap/body"][1] {
    const start = integer(params["start"], "start", 0, Number.MAX_SAFE_INTEGER);
    const end = integer(params["end"], "end", start, Number.MAX_SAFE_INTEGER);
    const side = oneOf(params["side"], "side", ["request", "response"]);
    return bodyResult(
      this.#traffic.body(exchangeId(params), side, start, Math.min(end, start + maxBodyChunk)),
      start,
    );
  }

  #search(params: Record<string, unknown>, token: CancellationToken): Promise<SearchResult> {
    const cancellation = new AbortController();
    const cancel = () => cancellation.abort(new ResponseError(requestCancelled, "The search was cancelled."));
    token.onCancellationRequested(cancel);
    // Cancelled while it stood in the queue, it tells nobody.
    if (token.isCancellationRequested) cancel();
    return this.#initialized.searches.search(checkSearch(params), cancellation.signal);
  }

  async #drain(): Promise<CaptureStatus> {
    await this.#capture.drain();
    this.#traffic.expire(this.#capture.now);
    await this.#session?.feed.flush();
    return this.#status();
  }

  async #detach(): Promise<CaptureStatus> {
    await this.#capture.detach();
    this.#traffic.end(this.#capture.now);
    return this.#drain();
  }
}

function costSoFar(): CaptureStatus["cost"] {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1000, memory: process.memoryUsage.rss() };
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
