/**
 * Captures what is being debugged: capture starts with the first debug session and ends with the last. Nothing is
 * injected: the launch configuration goes through untouched, and is only held back until the probes are on.
 */
import * as vscode from "vscode";
import type { Capture } from "../client/capture.ts";
import { messageOf } from "../model/message-of.ts";
import { setting } from "../names.ts";
import { DebuggeeFinder } from "./debuggee-finder.ts";
import { processes } from "./processes.ts";

/** How long a launch waits for the probes, at most. */
const launchPatience = 5000;
/** How long a session's start waits until its process is watched; VS Code gives trackers a second. */
const trackerPatience = 700;
/** A launch that brought no session by then has failed. */
const launchLifetime = 60_000;
/** A restarted session ends and begins again at once. */
const restartGrace = 1000;
const searchInterval = 50;

type Choice = "always" | "ask" | "never";

interface Session {
  finder: DebuggeeFinder;
  search: NodeJS.Timeout | undefined;
  ending: NodeJS.Timeout | undefined;
}

export class DebugCompanion implements vscode.Disposable {
  readonly #capture: Capture;
  readonly #log: vscode.LogOutputChannel;
  readonly #sessions = new Map<string, Session>();
  /** When each launch began, by the configuration's name. */
  readonly #launches = new Map<string, number>();
  readonly #disposables: vscode.Disposable[];
  /** The user, or a failure, has said no for the sessions that run. */
  #declined = false;
  /** One question, and one start, for launches that come together. */
  #ensuring: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(capture: Capture, log: vscode.LogOutputChannel) {
    this.#capture = capture;
    this.#log = log;
    this.#disposables = [
      vscode.debug.registerDebugConfigurationProvider("*", {
        resolveDebugConfigurationWithSubstitutedVariables: async (_folder, configuration) => {
          await this.#beforeLaunch(configuration);
          return configuration;
        },
      }),
      vscode.debug.registerDebugAdapterTrackerFactory("*", {
        createDebugAdapterTracker: (session) => this.#track(session),
      }),
      vscode.debug.onDidTerminateDebugSession((session) => this.#end(session.id)),
    ];
  }

  /** The user has stopped the capture: no session that runs starts it again. */
  decline(): void {
    this.#declined = true;
  }

  dispose(): void {
    clearTimeout(this.#idle);
    for (const { search, ending } of this.#sessions.values()) {
      clearInterval(search);
      clearTimeout(ending);
    }
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #beforeLaunch({ name }: vscode.DebugConfiguration): Promise<void> {
    if (this.#sessions.size === 0) this.#declined = false;
    this.#launches.set(name, processes.now());
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#releaseIfIdle(), launchLifetime);
    await atMost(launchPatience, this.#ensureCapture());
  }

  /** Never rejects: whatever fails here, the launch goes on. */
  #ensureCapture(): Promise<void> {
    this.#ensuring ??= this.#startCapture()
      .catch((error: unknown) => this.#log.error(messageOf(error)))
      .finally(() => {
        this.#ensuring = undefined;
      });
    return this.#ensuring;
  }

  async #startCapture(): Promise<void> {
    if (this.#capture.capturing || this.#declined || !(await this.#wanted())) return;
    if (!(await this.#capture.start("debug"))) this.#declined = true;
  }

  async #wanted(): Promise<boolean> {
    const configuration = vscode.workspace.getConfiguration();
    const choice = configuration.get<Choice>(setting.debugCapture, "always");
    if (choice !== "ask") return choice === "always";
    const answers = ["Capture", "Not Now", "Always", "Never"] as const;
    const answer = await vscode.window.showInformationMessage(
      "Capture the HTTP traffic of the program that is being debugged?",
      ...answers,
    );
    if (answer === "Always" || answer === "Never") {
      const value: Choice = answer === "Always" ? "always" : "never";
      await configuration.update(setting.debugCapture, value, vscode.ConfigurationTarget.Global);
    }
    const yes = answer === "Capture" || answer === "Always";
    this.#declined = !yes;
    return yes;
  }

  /** Sessions are followed even when nothing is captured: a capture started later by hand knows its process. */
  async #track(session: vscode.DebugSession): Promise<vscode.DebugAdapterTracker> {
    clearTimeout(this.#idle);
    this.#forget(session.id);
    const { finder } = this.#begin(session);
    const watched = this.#watch(session.id);
    void this.#ensureCapture();
    await atMost(trackerPatience, watched);
    const take = (message: unknown) => {
      try {
        if (finder.take(message)) void this.#watch(session.id);
        this.#search(session.id);
      } catch (error) {
        // VS Code would not pass on a message whose tracker has thrown: debugging comes before watching it.
        this.#log.error(messageOf(error));
      }
    };
    return {
      onWillReceiveMessage: take,
      onDidSendMessage: take,
      onWillStopSession: () => this.#end(session.id),
    };
  }

  #begin(session: vscode.DebugSession): Session {
    const { type, name, parentSession, configuration } = session;
    const facts = {
      type,
      name,
      isChild: parentSession !== undefined,
      attaches: (parentSession?.configuration ?? configuration).request === "attach",
      since: this.#launches.get((parentSession?.configuration ?? configuration).name) ?? processes.now(),
    };
    const finder = new DebuggeeFinder(facts, processes, process.pid, process.getuid?.() ?? -1);
    const begun: Session = { finder, search: undefined, ending: undefined };
    this.#sessions.set(session.id, begun);
    return begun;
  }

  async #watch(id: string): Promise<void> {
    const targets = this.#sessions.get(id)?.finder.targets ?? [];
    if (targets.length > 0)
      this.#log.info(`Debug session: process ${targets.map(({ pid }) => pid).join(", ")}`);
    try {
      await this.#capture.watch(id, targets);
    } catch (error) {
      this.#log.warn(
        `The debuggee can't be watched: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** Looks again and again while no message will tell of the process. */
  #search(id: string): void {
    const session = this.#sessions.get(id);
    if (!session?.finder.searching) return;
    session.search ??= setInterval(() => {
      if (session.finder.search()) void this.#watch(id);
      if (session.finder.searching) return;
      clearInterval(session.search);
      session.search = undefined;
    }, searchInterval);
  }

  #end(id: string): void {
    const session = this.#sessions.get(id);
    if (!session || session.ending) return;
    session.ending = setTimeout(() => {
      this.#forget(id);
      void this.#watch(id);
      this.#releaseIfIdle();
    }, restartGrace);
  }

  #forget(id: string): void {
    const session = this.#sessions.get(id);
    clearInterval(session?.search);
    clearTimeout(session?.ending);
    this.#sessions.delete(id);
  }

  #releaseIfIdle(): void {
    if (this.#sessions.size > 0) return;
    this.#launches.clear();
    void this.#capture.release("debug");
  }
}

/** Waits for `work`, but not longer than `milliseconds`; the work goes on. */
async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
