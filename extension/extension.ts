import { join } from "node:path";
import * as vscode from "vscode";
import { spawnHelper } from "../client/helper.ts";
import { obstacleText } from "../client/machine.ts";
import type { ExchangeRow } from "./model/exchange-row.ts";
import { CurrentFilter } from "./model/filter/current-filter.ts";
import { SourceFinder } from "./model/filter/source-finder.ts";
import { placeOf, type Found } from "./model/finding.ts";
import { CurrentSituation } from "./model/current-situation.ts";
import { ProcessNames } from "./model/process-names.ts";
import { Recordings, type OpenRecording } from "./model/recordings.ts";
import { Sources } from "./model/sources.ts";
import { CaptureClient } from "./client/capture-client.ts";
import type { HelperOptions } from "./client/helpers.ts";
import { Capture } from "./client/capture.ts";
import { factsHere, obstacleHere, spawnStandIn, standIn } from "./client/stand-in.ts";
import { Bodies } from "./bodies/bodies.ts";
import { BodyFiles } from "./bodies/body-files.ts";
import { registerBodyCommands } from "./bodies/commands.ts";
import { keyIn, registerCommands } from "./commands.ts";
import { ChosenProcess } from "./client/chosen-process.ts";
import { WatchedPrograms } from "./client/watched-programs.ts";
import { DebugCompanion } from "./debug/companion.ts";
import { MachineMemoryFile } from "./debug/machine-memory.ts";
import type { CaptureState } from "./model/capture-state.ts";
import { Conversations } from "./grpc/conversations.ts";
import { Descriptions } from "./grpc/descriptions.ts";
import { ProtoFiles } from "./grpc/proto-files.ts";
import { checkMachine } from "./machine/check.ts";
import { MachinePage } from "./machine/machine-page.ts";
import { RecordingOpener } from "./recordings/opener.ts";
import { helperOptions, runOptions } from "./settings.ts";
import { keepContextKeys } from "./views/context-keys.ts";
import { showFailures } from "./views/failure-message.ts";
import { openAtFirstStop } from "./views/first-stop.ts";
import { FindPicker } from "./views/find-picker.ts";
import { NetworkView } from "./views/network.ts";
import { ExchangePanels } from "./views/panels.ts";
import { StatusBar } from "./views/status-bar.ts";
import { ExchangeTree } from "./views/tree.ts";

/** For the extension's own tests: what it knows, to be read only. */
export interface TinytapApi {
  state(): CaptureState;
  exchanges(): readonly ExchangeRow[];
  recordings(): readonly OpenRecording[];
}

let running: { dispose(): Promise<unknown> } | undefined;

export function activate(context: vscode.ExtensionContext): TinytapApi {
  const log = vscode.window.createOutputChannel("Tinytap", { log: true });
  const directory = context.asAbsolutePath("dist");
  const developed = context.extensionMode !== vscode.ExtensionMode.Production;
  const obstacle = obstacleHere(developed);
  const sources = new Sources();
  const recordings = new Recordings(sources);
  const open = async ({ ringSize, memory }: HelperOptions, silent = false) => {
    const say = (line: string) => log.info(line);
    const script = standIn(developed);
    const helper = await (script === undefined
      ? spawnHelper({ node: process.execPath, ringSize, directory, silent, log: say })
      : spawnStandIn(script, say));
    const client = new CaptureClient(helper, { memory, feed: "summaries" }, log);
    return { client, status: await client.start() };
  };
  const capture = new Capture({
    log,
    sources,
    options: helperOptions,
    run: runOptions,
    open: (options) => open(options),
  });
  const askHelper = async () => {
    const { current } = capture.state;
    if ("status" in current) return current;
    // Who has just refused isn't asked again for this.
    const isRefused = "cause" in current && current.cause === "no-root";
    const { client, status } = await open(helperOptions(), isRefused);
    await client.end();
    return { status, elevation: client.elevation };
  };
  const machine = new MachinePage(
    () => checkMachine(factsHere(developed), obstacle, askHelper),
    vscode.Uri.joinPath(context.extensionUri, "media/walkthrough/root.md"),
  );
  const { exchanges } = capture;
  const names = new ProcessNames();
  const filter = new CurrentFilter(context.workspaceState, new SourceFinder(sources));
  // Before whoever shows rows: what was found in them isn't true any more.
  context.subscriptions.push(
    exchanges.listed.onChange((changes) => filter.forget(changes.flatMap(({ before }) => before ?? []))),
  );
  const situation = new CurrentSituation({
    ...{ capture, programs: new WatchedPrograms(names) },
    isTrusted: () => vscode.workspace.isTrusted,
  });
  const tree = new ExchangeTree({ exchanges, recordings, filter, names, situation });
  const opener = new RecordingOpener(recordings, join(directory, "recording.cjs"));
  const reopen = (location: string) => opener.open(vscode.Uri.parse(location));
  const protoFiles = new ProtoFiles(join(directory, "proto-files.cjs"), log);
  const descriptions = new Descriptions(protoFiles);
  const { ownConnections } = exchanges;
  const conversations = new Conversations({ sources, recordings, descriptions, ownConnections });
  const bodies = new Bodies(sources);
  const files = new BodyFiles(bodies);
  const panels = new ExchangePanels(
    { exchanges, recordings, sources, bodies, conversations, names, reopen },
    context,
  );
  const findPicker = new FindPicker({
    ...{ exchanges, recordings, sources },
    catchUp: () => capture.catchUp(),
    open: ({ key, hit }: Found) => panels.open(key, { place: placeOf(hit) }),
  });
  const network = new NetworkView(
    {
      ...{ exchanges, recordings, filter, situation },
      open: (key, focus) => panels.open(key, { focus }),
    },
    context.extensionUri,
  );
  const chosen = new ChosenProcess(capture);
  let companion: DebugCompanion | undefined;
  if (obstacle === undefined) {
    const memory = new MachineMemoryFile(
      vscode.Uri.joinPath(context.globalStorageUri, "debugging.json").fsPath,
    );
    companion = new DebugCompanion({ capture, memory, names, log });
    context.subscriptions.push(
      companion,
      new StatusBar(capture, situation),
      openAtFirstStop(capture, context.workspaceState),
      showFailures({ capture, companion, chosen }),
    );
  } else {
    // Whoever debugs here isn't reminded of it: the view says so, and the command when it is asked.
    capture.state.set({ phase: "impossible", obstacle, message: obstacleText[obstacle] });
  }
  context.subscriptions.push(
    log,
    situation,
    machine,
    tree,
    panels,
    network,
    findPicker,
    protoFiles,
    keepContextKeys(capture, filter, obstacle),
    files,
    registerBodyCommands({
      ...{ bodies, files },
      chosen: async (given) => {
        const { shown, side } = panels;
        // By the list's own key it is the row there, whatever a panel shows.
        const looked = given === "selected" ? undefined : shown;
        const key = keyIn(given) ?? looked ?? (await tree.selected());
        return key && { key, side: key === shown ? side : undefined };
      },
    }),
    registerCommands({
      ...{ capture, sources, recordings, opener, companion, chosen, filter },
      ...{ tree, panels, network, findPicker, conversations, machine, log },
    }),
  );
  running = { dispose: () => Promise.all([capture.dispose(), recordings.dispose()]) };
  return {
    state: () => capture.state.current,
    exchanges: () => exchanges.rows,
    recordings: () => recordings.all,
  };
}

/** VS Code waits for it, a few seconds at most; were it cut short, the helper would end with our end of its stdin. */
export async function deactivate(): Promise<void> {
  await running?.dispose();
  running = undefined;
}
