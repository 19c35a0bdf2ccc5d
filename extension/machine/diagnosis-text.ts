/** What this machine lets Tinytap see, as a page in Markdown: what `tinytap doctor` says, for a person who has no terminal open. */
import type { Diagnosis } from "../../client/diagnosis.ts";
import { remedies } from "../../client/remedies.ts";
import type { Elevation, SourceName, SourceStatus } from "../../protocol/capture.ts";
import { oneLine } from "../../protocol/one-line.ts";

/** `remote`: by what VS Code reaches the machine, e.g. `wsl`; undefined: it runs here. `root`: the page of what runs as root. */
export function diagnosisText(diagnosis: Diagnosis, root: string, remote?: string): string {
  const { error, sources } = diagnosis;
  return [
    "# Tinytap on This Machine",
    error === undefined
      ? "**Tinytap can capture here.** It has just sent itself a file, and what its probes saw was equal, byte for byte."
      : `**Nothing can be captured here.** ${safe(error.message)}`,
    table(["", ""], factsOf(diagnosis, remote)),
    ...(sources === undefined
      ? []
      : ["## What sees the bytes", table(["Source", "", "Gives"], sources.map(sourceLine))]),
    ...(error === undefined ? [] : ["## What would help", list([...remedies(error).map(safe), anyway])]),
    root,
  ].join("\n\n");
}

function factsOf(diagnosis: Diagnosis, remote: string | undefined): string[][] {
  const { platform, kernel, architecture, btf, uid, elevation, startup } = diagnosis;
  const system = systems[platform] ?? platform;
  const types =
    platform !== "linux" ? "" : btf ? ", with type information (BTF)" : ", without type information (BTF)";
  return [
    ["System", `${safe(`${system} ${kernel} on ${architecture}`)}${types}`],
    [
      "VS Code’s extensions run",
      remote === undefined ? "on this machine" : `here, reached by ${safe(remote)}`,
    ],
    ...(uid < 0 ? [] : [["User", uid === 0 ? "root" : `uid ${uid}`]]),
    ...(elevation === undefined ? [] : [["Root, for a moment", elevations[elevation]]]),
    ...(startup === undefined ? [] : [["Ready", `in ${startup} ms, the self-test included`]]),
  ];
}

const systems: Partial<Record<NodeJS.Platform, string>> = {
  linux: "Linux",
  darwin: "macOS (Darwin)",
  win32: "Windows",
};

const elevations: Record<Elevation, string> = {
  root: "VS Code’s extensions run as root here",
  sudo: "by `sudo`, without a password",
  pkexec: "by `pkexec`, which may ask for a password",
};

function sourceLine({ name, on, probe, reason }: SourceStatus): string[] {
  const state = on ? `on: ${safe(probe ?? "")}` : `off: ${safe(reason ?? "for no known reason")}`;
  return [`\`${name}\``, state, gives[name]];
}

const gives: Record<SourceName, string> = {
  syscalls: "what the program reads and writes: every head, and most bodies",
  sendpath: "bodies sent by `sendfile` and `splice`, where TCP takes their pages",
  pagecache: "the same bodies, from the page cache: where the other can’t, and under kTLS",
};

const anyway = "Recordings (HAR) open here all the same: **Tinytap: Open Recording…**";

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function list(lines: string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

/** What a system or a kernel says, as nothing but text. */
function safe(text: string): string {
  return oneLine(text, 1000).replaceAll(/[\\`*_{}[\]<>#|~]/g, "\\$&");
}
