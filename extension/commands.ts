import * as vscode from "vscode";
import type { Capture } from "./client/capture.ts";
import type { ChosenProcess } from "./client/chosen-process.ts";
import type { DebugCompanion } from "./debug/companion.ts";
import type { Conversations } from "./grpc/conversations.ts";
import type { CurrentFilter } from "./model/filter/current-filter.ts";
import { hiding, withCondition } from "./model/filter/hiding.ts";
import { KeySteps } from "./model/key-steps.ts";
import type { MachinePage } from "./machine/machine-page.ts";
import { messageOf } from "./model/message-of.ts";
import type { OpenRecording, Recordings } from "./model/recordings.ts";
import { isKey, type Row } from "./model/row-window.ts";
import type { ExchangeKey } from "./model/run.ts";
import { command, focusExchanges } from "./names.ts";
import { pickProcess } from "./process-picker.ts";
import { withLateProgress } from "./recordings/late-progress.ts";
import { pickRecordings, type RecordingOpener } from "./recordings/opener.ts";
import { saveRecording } from "./recordings/saver.ts";
import type { Sources } from "./model/sources.ts";
import type { FindPicker } from "./views/find-picker.ts";
import { typeFilter } from "./views/filter-input.ts";
import type { NetworkView } from "./views/network.ts";
import type { ExchangePanels } from "./views/panels.ts";
import type { ExchangeTree } from "./views/tree.ts";

export interface CommandSurroundings {
  capture: Capture;
  sources: Sources;
  recordings: Recordings;
  opener: RecordingOpener;
  /** Undefined where the machine can't capture. */
  companion: DebugCompanion | undefined;
  chosen: ChosenProcess;
  filter: CurrentFilter;
  tree: ExchangeTree;
  panels: ExchangePanels;
  network: NetworkView;
  findPicker: FindPicker;
  conversations: Conversations;
  machine: MachinePage;
  log: vscode.LogOutputChannel;
}

export function registerCommands({
  capture,
  sources,
  recordings,
  opener,
  companion,
  chosen,
  filter,
  tree,
  panels,
  network,
  findPicker,
  conversations,
  machine,
  log,
}: CommandSurroundings): vscode.Disposable {
  const register = vscode.commands.registerCommand;
  const steps = new KeySteps();
  /** When the tree has shown an exchange: whoever did so last is gone back to. */
  let lastOpened = -Infinity;
  const open = async (uri: vscode.Uri): Promise<void> => {
    const recording = await opener.open(uri);
    if (recording) await show(recording, tree);
  };
  return vscode.Disposable.from(
    register(command.start, (options?: unknown) =>
      companion ? start(companion, chosen, pidIn(options)) : sayWhyNot(capture),
    ),
    register(command.stop, async () => {
      companion?.decline();
      await capture.stop();
    }),
    register(command.clear, () => capture.clear()),
    steps,
    register(command.step, () => steps.step()),
    register(command.enter, () => steps.enter()),
    register(command.keyDone, async () => {
      // The row's command was sent about now, or, when VS Code must first ask us whether it is there, a round trip later.
      for (let trips = 0; trips < 2; trips++) await vscode.commands.executeCommand("noop");
      steps.done();
    }),
    register(command.open, (given: unknown) => {
      const show = async (focus: boolean) => {
        const key = typeof given === "string" ? (given as ExchangeKey) : await tree.selected();
        if (key === undefined) return;
        lastOpened = performance.now();
        panels.open(key, { focus });
      };
      steps.open((focus) => void show(focus));
    }),
    register(command.fold, async () => {
      if (!steps.isStep) await vscode.commands.executeCommand("list.toggleExpand");
    }),
    register(command.keepOpen, () => panels.keepOpen()),
    register(command.back, () => (network.lastOpened > lastOpened ? network.show() : tree.focus())),
    register(command.find, () => findPicker.show()),
    register(command.showOlder, (recorded?: Row) => steps.isStep || tree.showOlder(recorded)),
    register(command.showNewest, (recorded: Row) => steps.isStep || tree.showNewest(recorded)),
    // From the explorer: the file that was clicked, and all that are selected.
    register(command.openRecording, async (clicked?: unknown, selected?: unknown) => {
      const given = urisIn(selected) ?? urisIn([clicked]) ?? (await pickRecordings());
      for (const uri of given) await open(uri);
    }),
    register(command.closeRecording, async (row?: Row) => {
      const recording = tree.recordingOf(row ?? (await tree.selectedRow()));
      if (recording) await recordings.close(recording.number);
    }),
    register(command.saveRecording, async (row?: Row) => {
      const { exchanges } = capture;
      const catchUp = () => capture.catchUp();
      const saved = await saveRecording({ exchanges, recordings, sources, catchUp }, row);
      if (saved) await open(saved);
    }),
    register(command.showNetwork, () => network.show()),
    register(command.filter, () => typeFilter(filter, capture.exchanges.listed)),
    register(command.hideLike, (clicked: unknown) => {
      const key = keyIn(clicked);
      const row = key && (capture.exchanges.get(key) ?? recordings.get(key));
      const condition = row && hiding(row);
      if (condition !== undefined) filter.set(withCondition(filter.filter.text, condition));
    }),
    register(command.clearFilter, () => filter.set("")),
    register(command.follow, () => tree.follow()),
    register(command.unfollow, () => tree.hold()),
    register(command.askForDescriptors, () => askForDescriptors(conversations, panels.shown)),
    register(command.checkMachine, () => machine.show()),
    register(command.showLog, () => log.show()),
    register(command.allowDebugging, async () => {
      await companion?.allow();
      if (capture.state.current.phase === "unavailable") await capture.stop();
    }),
  );
}

/**
 * Captures the given process, else what is being debugged, else the process that is chosen.
 * A key binding may give the process: `"args": { "pid": 4711 }`.
 */
async function start(
  companion: DebugCompanion,
  chosen: ChosenProcess,
  given: number | undefined,
): Promise<void> {
  let begun = given === undefined ? await companion.join() : undefined;
  if (begun === undefined) {
    const pid = given ?? (await pickProcess());
    if (pid === undefined) return;
    try {
      begun = await chosen.capture(pid);
    } catch (error) {
      await vscode.window.showErrorMessage(`Tinytap: ${messageOf(error)}`);
    }
  }
  if (begun) await vscode.commands.executeCommand(focusExchanges);
}

/** `shown`: the exchange that is looked at. */
async function askForDescriptors(
  conversations: Conversations,
  shown: ExchangeKey | undefined,
): Promise<void> {
  if (shown === undefined) {
    await vscode.window.showInformationMessage("Tinytap: open a call by gRPC first: its server is asked.");
    return;
  }
  const title = "Asking the server for its gRPC descriptors";
  let cancelled = false;
  try {
    await withLateProgress(title, (signal) => {
      signal.addEventListener("abort", () => (cancelled = true));
      return conversations.ask(shown, signal);
    });
  } catch (error) {
    if (!cancelled) await vscode.window.showErrorMessage(`Tinytap: ${messageOf(error)}`);
  }
}

async function sayWhyNot({ state }: Capture): Promise<void> {
  if ("message" in state.current)
    await vscode.window.showInformationMessage(`Tinytap: ${state.current.message}`);
}

async function show(recording: OpenRecording, tree: ExchangeTree): Promise<void> {
  await vscode.commands.executeCommand(focusExchanges);
  await tree.reveal(recording);
}

/** Of a row of the tree, which is one, or of the table, which VS Code gives as its context. */
export function keyIn(given: unknown): ExchangeKey | undefined {
  const key = typeof given === "object" && given !== null && "key" in given ? given.key : given;
  return typeof key === "string" && isKey(key as Row) ? (key as ExchangeKey) : undefined;
}

function urisIn(given: unknown): vscode.Uri[] | undefined {
  return Array.isArray(given) && given.length > 0 && given.every((each) => each instanceof vscode.Uri)
    ? given
    : undefined;
}

function pidIn(options: unknown): number | undefined {
  if (typeof options !== "object" || options === null || !("pid" in options)) return undefined;
  return typeof options.pid === "number" ? options.pid : undefined;
}
