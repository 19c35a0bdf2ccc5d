/**
 * Captures what is being debugged: a gate holds each launch until the probes are on, a watcher follows each session, and
 * nothing of it happens without consent. Nothing is injected: the launch configuration goes through untouched.
 */
import * as vscode from "vscode";
import { processes } from "../../client/proc.ts";
import type { Capture, Lease } from "../client/capture.ts";
import type { Phase } from "../model/capture-state.ts";
import { isLasting, type CaptureFailure } from "../model/failure.ts";
import { messageOf } from "../model/message-of.ts";
import type { ProcessNames } from "../model/process-names.ts";
import { debugChoices } from "../settings.ts";
import { attachesElsewhere } from "./clues.ts";
import { consentOf, type MachineMemory } from "./consent.ts";
import { LaunchGate } from "./launch-gate.ts";
import type { MachineMemoryFile } from "./machine-memory.ts";
import { SessionWatcher } from "./session-watcher.ts";

/** Milliseconds that a session's start waits until its process is watched; VS Code gives trackers a second. */
const trackerPatience = 700;
/** A restarted session ends and begins again at once. */
const restartGrace = 1000;

interface Session {
  watcher: SessionWatcher;
  /** Its process may have ended, or it is about to begin again. */
  ending: NodeJS.Timeout | undefined;
  /** It is over, and no restart. */
  terminated: boolean;
}

export interface CompanionSurroundings {
  capture: Capture;
  memory: MachineMemoryFile;
  /** Learns which process belongs to which session. */
  names: ProcessNames;
  log: vscode.LogOutputChannel;
}

export class DebugCompanion implements vscode.Disposable {
  readonly #capture: Capture;
  readonly #memory: MachineMemoryFile;
  readonly #names: ProcessNames;
  readonly #log: vscode.LogOutputChannel;
  readonly #gate: LaunchGate;
  readonly #sessions = new Map<string, Session>();
  readonly #disposables: { dispose(): void }[];
  /** The user, or a failure, has said no for the sessions that run. */
  #declined = false;
  /** The capture's: a status comes every few seconds, and is no change of it. */
  #phase: Phase = "stopped";

  constructor({ capture, memory, names, log }: CompanionSurroundings) {
    this.#capture = capture;
    this.#memory = memory;
    this.#names = names;
    this.#log = log;
    this.#gate = new LaunchGate({
      consent: () => this.#consent(),
      lease: () => capture.lease("debug"),
      join: () => void this.join(),
      sayWaiting,
      now: processes.now,
    });
    this.#disposables = [
      this.#gate,
      vscode.debug.registerDebugConfigurationProvider("*", {
        resolveDebugConfigurationWithSubstitutedVariables: async (folder, configuration) => {
          // A restart is no new start: what the user has stopped stays so.
          if ([...this.#sessions.values()].every(({ terminated }) => terminated)) this.#declined = false;
          await this.#gate.hold(keyOf(folder, configuration));
          return configuration;
        },
      }),
      vscode.debug.registerDebugAdapterTrackerFactory("*", {
        createDebugAdapterTracker: (session) => this.#track(session),
      }),
      vscode.debug.onDidTerminateDebugSession(({ id }) => {
        const session = this.#sessions.get(id);
        if (session) session.terminated = true;
        this.#end(id);
      }),
      capture.failures.add((failure) => void this.#takeFailure(failure)),
      capture.state.onChange(({ phase }) => {
        if (phase === "capturing" && this.#phase !== "capturing") void this.#remember({ refusal: undefined });
        this.#phase = phase;
      }),
    ];
  }

  /** Captures the sessions that run, by the user's wish. Undefined: there are none. */
  async join(): Promise<boolean | undefined> {
    this.#declined = false;
    this.#gate.granted = true;
    const leases = [...this.#sessions.values()].map(({ watcher }) => this.#hold(watcher));
    const begun = await Promise.all(leases.map((lease) => lease.begun));
    return begun.length === 0 ? undefined : begun.every(Boolean);
  }

  /** The user has stopped the capture: no session that runs starts it again. */
  decline(): void {
    this.#declined = true;
    this.#gate.granted = false;
  }

  /** Nothing is captured on this machine when debugging, until `allow`. */
  async forbid(): Promise<void> {
    this.decline();
    await this.#remember({ answer: "never" });
  }

  /** Takes back what this machine remembers. */
  async allow(): Promise<void> {
    this.#declined = false;
    await this.#remember({ answer: undefined, refusal: undefined });
  }

  dispose(): void {
    for (const { watcher, ending } of this.#sessions.values()) {
      clearTimeout(ending);
      watcher.dispose();
    }
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #consent(): Promise<boolean> {
    const memory = await this.#memory.read();
    const consent = consentOf({ settings: debugChoices(), memory, declined: this.#declined });
    if (consent === "ask") return this.#ask();
    if (consent === "no" && !this.#declined) this.#sayWhyNot(memory);
    return consent === "yes";
  }

  #sayWhyNot({ answer, refusal }: MachineMemory): void {
    if (answer === "never")
      this.#capture.declare("never", "On this machine nothing is captured when debugging starts.");
    else if (refusal !== undefined) this.#capture.declare(refusal.cause, refusal.message);
  }

  async #ask(): Promise<boolean> {
    const answers = ["Capture", "Not Now", "Always on This Machine", "Never on This Machine"] as const;
    const answer = await vscode.window.showInformationMessage(
      "Capture the HTTP traffic of the program that is being debugged?",
      ...answers,
    );
    if (answer === "Never on This Machine") await this.forbid();
    else if (answer === "Always on This Machine") await this.#remember({ answer: "always" });
    const yes = answer === "Capture" || answer === "Always on This Machine";
    this.#declined = !yes;
    return yes;
  }

  async #takeFailure(failure: CaptureFailure): Promise<void> {
    this.decline();
    const { cause, message } = failure;
    if (isLasting(failure)) await this.#remember({ refusal: { cause, message } });
  }

  /** A file that can't be written is no reason to trouble anybody: the next start will ask again. */
  async #remember(change: Parameters<MachineMemoryFile["remember"]>[0]): Promise<void> {
    await this.#memory.remember(change).catch((error: unknown) => this.#log.warn(messageOf(error)));
  }

  /** Sessions are followed even when nothing is captured: a capture started later by hand knows their processes. */
  async #track(session: vscode.DebugSession): Promise<vscode.DebugAdapterTracker> {
    this.#forget(session.id);
    const watcher = this.#begin(session);
    if (this.#gate.granted) this.#hold(watcher);
    this.#gate.passed(keyOf(session.workspaceFolder, session.configuration));
    await atMost(trackerPatience, watcher.settled);
    return {
      onWillReceiveMessage: (message) => watcher.take(message),
      onDidSendMessage: (message) => watcher.take(message),
      onWillStopSession: () => this.#end(session.id),
    };
  }

  #begin({
    id,
    type,
    name,
    parentSession,
    configuration,
    workspaceFolder,
  }: vscode.DebugSession): SessionWatcher {
    const root = parentSession ?? { workspaceFolder, configuration };
    const facts = {
      type,
      name,
      isChild: parentSession !== undefined,
      attaches: root.configuration.request === "attach",
      elsewhere: attachesElsewhere(root.configuration),
      since: this.#gate.since(keyOf(root.workspaceFolder, root.configuration)) ?? processes.now(),
    };
    const watcher = new SessionWatcher(facts, {
      processes,
      host: process.pid,
      uid: process.getuid?.() ?? -1,
      log: this.#log,
      found: (pid) => this.#names.set(pid, (parentSession ?? { name }).name),
    });
    this.#sessions.set(id, { watcher, ending: undefined, terminated: false });
    return watcher;
  }

  #hold(watcher: SessionWatcher): Lease {
    const lease = this.#capture.lease("debug");
    watcher.hold(lease);
    return lease;
  }

  #end(id: string): void {
    const session = this.#sessions.get(id);
    if (session) session.ending ??= setTimeout(() => this.#forget(id), restartGrace);
  }

  #forget(id: string): void {
    const session = this.#sessions.get(id);
    clearTimeout(session?.ending);
    session?.watcher.dispose();
    this.#sessions.delete(id);
  }
}

/** What tells launches apart: two folders may each have one of the same name. */
function keyOf(folder: vscode.WorkspaceFolder | undefined, { name }: vscode.DebugConfiguration): string {
  return JSON.stringify([folder?.uri.toString(), name]);
}

/** A password may be asked for, behind the window at that: a launch that waits for it isn't to look stuck. */
async function sayWaiting(done: Promise<unknown>): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: "Debugging waits a few seconds for Tinytap's probes; your password may be asked for.",
    cancellable: true,
  };
  await vscode.window.withProgress(options, (_progress, cancelled) =>
    Promise.race([done, new Promise((resolve) => cancelled.onCancellationRequested(resolve))]),
  );
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
