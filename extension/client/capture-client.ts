/**
 * JSON-RPC with one helper, for the whole of its life: elevation is over before a client exists. LanguageClient brings framing, life cycle and logging; everything it would do by itself
 * (restarting, popups, documents) is off.
 */
import {
  CancellationTokenSource,
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  type LanguageClientOptions,
  type StreamInfo,
} from "vscode-languageclient/node";
import type { LogOutputChannel } from "vscode";
import type { Helper } from "../../client/helper.ts";
import type { CaptureStatus, Elevation } from "../../protocol/capture.ts";
import type { CaptureOptions, InitializeResult, Notifications, Requests } from "../../protocol/rpc.ts";
import type { HelperClient } from "./helpers.ts";

/** Milliseconds that the helper has to answer `shutdown`, and then to leave. */
const patience = 2000;

/** LanguageClient shows a popup for each of these, some of them even when told not to. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}

export class CaptureClient implements HelperClient {
  readonly ended: Promise<void>;
  readonly elevation: Elevation;
  readonly #helper: Helper;
  readonly #client: QuietClient;

  constructor(helper: Helper, options: CaptureOptions, log: LogOutputChannel) {
    this.#helper = helper;
    this.elevation = helper.elevation;
    this.ended = helper.exited.then(({ code, signal }) =>
      log.info(`The helper ended (${signal ?? `exit code ${code}`}).`),
    );
    const streams = async (): Promise<StreamInfo> => ({ reader: helper.stdout, writer: helper.stdin });
    const clientOptions: LanguageClientOptions = {
      documentSelector: [],
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: options,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Shutdown, handled: true }),
        closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
      },
    };
    this.#client = new QuietClient("tinytap", "Tinytap", streams, clientOptions);
  }

  /** The handshake. Rejects when the helper doesn't answer it; it is then already being ended. */
  async start(): Promise<CaptureStatus> {
    try {
      await Promise.race([
        this.#client.start(),
        this.ended.then(() => Promise.reject(new Error("The helper ended."))),
      ]);
      const result = this.#client.initializeResult as Partial<InitializeResult> | undefined;
      if (!result?.status) throw new Error("The helper's answer to initialize has no status.");
      return result.status;
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  async request<M extends keyof Requests>(
    method: M,
    params: Requests[M][0],
    signal?: AbortSignal,
  ): Promise<Requests[M][1]> {
    if (params === null) return this.#client.sendRequest(method);
    if (signal === undefined) return this.#client.sendRequest(method, params);
    const cancellation = new CancellationTokenSource();
    const cancel = () => cancellation.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await this.#client.sendRequest(method, params, cancellation.token);
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  onNotification<M extends keyof Notifications>(
    method: M,
    handler: (params: Notifications[M]) => void,
  ): void {
    this.#client.onNotification(method, handler);
  }

  /** Ends the helper and, with it, every probe. EOF on its stdin is what does it; the rest is courtesy. */
  async end(): Promise<void> {
    // A client that is still starting, or whose helper has crashed, refuses to stop: there is nothing to say goodbye to.
    await this.#client.stop(patience).catch(() => undefined);
    this.#helper.stdin.end();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([this.ended, late]);
    clearTimeout(timer);
  }
}
