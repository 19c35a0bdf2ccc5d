/** What is said where nothing is listed: for each state of the capture, and by VS Code's welcome views in the same words. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { obstacles, obstacleText } from "../../../client/machine.ts";
import { WatchedPrograms } from "../../../extension/client/watched-programs.ts";
import { contextKey, view } from "../../../extension/names.ts";
import { actionTitles } from "../../../extension/model/actions.ts";
import { CaptureStateHolder, type CaptureState, type Cause } from "../../../extension/model/capture-state.ts";
import { CurrentSituation } from "../../../extension/model/current-situation.ts";
import { Exchanges } from "../../../extension/model/exchanges.ts";
import { ProcessNames } from "../../../extension/model/process-names.ts";
import type { Program } from "../../../extension/model/programs.ts";
import { emptyText, situationOf, welcomes } from "../../../extension/model/situation.ts";
import { actionCommands } from "../../../extension/views/action-commands.ts";
import { standing } from "./standing.ts";

const manifest: { contributes: { viewsWelcome: { view: string; when: string; contents: string }[] } } =
  JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
const { viewsWelcome } = manifest.contributes;

const stopped: CaptureState = { phase: "stopped" };
const failed = (cause: Cause): CaptureState => ({ phase: "failed", cause, message: "Why." });
const capturing: CaptureState = { phase: "capturing", ...standing() };
const nothing = { total: 0, words: "", open: 0 };
const say = (state: CaptureState, programs: Program[] = [], filtered = nothing): string =>
  emptyText({ state, programs, trusted: true }, filtered).text;

test("a state of the capture, and its cause, name the situation", () => {
  for (const [state, trusted, expected] of [
    [stopped, true, "ready"],
    [stopped, false, "untrusted"],
    [{ phase: "unavailable", cause: "no-root", message: "" }, false, "no-root"],
    [failed("no-root"), true, "no-root"],
    [failed("no-kernel-support"), true, "no-probes"],
    [failed("crashed"), true, "failed"],
    [failed("ended"), true, "ended"],
    [{ phase: "unavailable", cause: "never", message: "" }, true, "never"],
    [{ phase: "impossible", obstacle: "macos", message: "" }, true, "macos"],
    [capturing, true, "capturing"],
  ] as const)
    assert.equal(situationOf(state, trusted), expected);
});

test("while it captures and nothing has come, it says what is watched, where that listens, and what spoke no HTTP", () => {
  const shop = { pid: 48112, name: "shop", ports: [8080] };
  const quiet = { pid: 7, name: "worker", ports: [] };
  for (const [programs, expected] of [
    [[], "Capturing. No process is watched yet."],
    [[shop], "Capturing shop (process 48112). It listens on port 8080 and has had no HTTP request yet."],
    [[quiet], "Capturing worker (process 7). It listens on no port, and no HTTP request was seen yet."],
    [
      [quiet, { ...shop, ports: [8080, 9090] }],
      "Capturing shop (process 48112) and 1 other. They listen on ports 8080, 9090 and have had no HTTP request yet.",
    ],
    [
      [{ ...shop, name: "a\u202eb", ports: [1, 2, 3, 4, 5, 6, 7] }],
      "Capturing a\u{fffd}b (process 48112). It listens on ports 1, 2, 3, 4, 5 and 2 more and has had no HTTP request yet.",
    ],
  ] as [Program[], string][])
    assert.equal(say(capturing, programs), expected);
  const tls: CaptureState = { phase: "capturing", ...standing({ otherConnections: { TLS: 9 } }) };
  assert.match(say(tls, [shop]), /yet\. 9 connections not HTTP: TLS 9\.$/);
});

test("where the filter hides all, it says of how many, by what, and whether more are captured", () => {
  const filtered = { total: 200, words: "path with /nothing", open: 0 };
  const none = "None of 200 exchanges pass the filter: path with /nothing. Clear the filter or change it.";
  assert.equal(say(stopped, [], filtered), none);
  assert.equal(say(capturing, [], filtered), `${none} New exchanges are still captured.`);
  assert.match(say(stopped, [], { ...filtered, total: 1 }), /^The one exchange doesn't pass the filter: /);
  assert.equal(say(stopped, [], { ...filtered, open: 12 }), "Looking into 12 exchanges…");
  const { actions } = emptyText({ state: stopped, programs: [], trusted: true }, filtered);
  assert.deepEqual(actions, ["clearFilter"]);
});

/** `[title](command:…)` of each. */
function links(contents: string): string[] {
  return [...contents.matchAll(/^\[(.+)\]\(command:([\w.]+)\)$/gm)].map(([, title, id]) => `${title} ${id}`);
}

for (const [name, { text, actions }] of Object.entries(welcomes))
  test(`VS Code's welcome view has the words and actions of the table: ${name}`, () => {
    const welcome = viewsWelcome.find(
      (each) => each.view === view.exchanges && each.when.includes(`== ${name}`),
    );
    assert.ok(welcome?.contents.startsWith(text), welcome?.contents);
    const wanted = actions.map((action) => `${actionTitles[action]} ${actionCommands[action]}`);
    assert.deepEqual(links(welcome!.contents), wanted);
  });

test("for each obstacle to a capture the view says what stands in its way, as the command does", () => {
  for (const obstacle of obstacles) {
    const when = `${contextKey.situation} == ${obstacle}`;
    const welcome = viewsWelcome.find((entry) => entry.when === when);
    assert.ok(welcome?.contents.startsWith(obstacleText[obstacle]), obstacle);
    assert.equal(
      say({ phase: "impossible", obstacle, message: obstacleText[obstacle] }),
      obstacleText[obstacle],
    );
  }
});

test("a program of this machine is told by name and port, and again when it begins to listen", async () => {
  const state = new CaptureStateHolder();
  const names = new ProcessNames();
  const capture = { state, exchanges: new Exchanges() };
  const programs = new WatchedPrograms(names);
  const situation = new CurrentSituation({ capture, programs, isTrusted: () => true });
  const server = createServer();
  try {
    names.set(process.pid, "Shop");
    await once(server.listen(0, "127.0.0.1"), "listening");
    const told = new Promise<void>((resolve) => {
      situation.onChange(() => situation.empty().text.includes("listens on port") && resolve());
    });
    state.set({ phase: "capturing", ...standing({}, [process.pid]) });
    await told;
    const { port } = server.address() as { port: number };
    const { text } = situation.empty();
    assert.ok(text.startsWith(`Capturing Shop (process ${process.pid}). It listens on port ${port} `), text);
    assert.equal(situation.above({ total: 0, newer: 0, givenUp: 0 }, ""), text);
  } finally {
    server.close();
    situation.dispose();
  }
});

test("above the rows stand their counts, and why a capture ended that nobody ended", () => {
  const state = new CaptureStateHolder();
  const programs = { of: () => [], onChange: () => ({ dispose() {} }) };
  const capture = { state, exchanges: new Exchanges() };
  const situation = new CurrentSituation({ capture, programs, isTrusted: () => true });
  const counts = { total: 3, newer: 0, givenUp: 0 };
  assert.equal(situation.above(counts, ""), "3 exchanges");
  assert.equal(situation.above({ ...counts, total: 0 }, ""), "", "VS Code's welcome view says it");
  state.set(failed("ended"));
  assert.equal(situation.above(counts, ""), "3 exchanges · Why.");
  assert.match(
    situation.above({ ...counts, shown: 0 }, "path /x"),
    /^None of 3 exchanges pass the filter: path \/x/,
  );
  situation.dispose();
});
