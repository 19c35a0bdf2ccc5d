/** What debug adapter protocol messages and sessions tell about the debuggee's process. */

/** A pid that somebody named, or an occasion to look for it. */
export type Clue =
  /** The adapter says which process it debugs. `launched`: it started it, so the process is younger than the session. */
  | { kind: "named"; pid: number; launched: boolean }
  /** The session attaches to this process. */
  | { kind: "attach"; pid: number }
  /** VS Code was asked to run something in a terminal. */
  | { kind: "terminal-asked" }
  /** It runs below this process: the shell, or what the terminal started itself. */
  | { kind: "terminal"; pid: number }
  /**
   * The adapter is about to start the debuggee. `debug: false` is "Run Without Debugging". `program`: arguments that are
   * on its command line; empty where the configuration doesn't tell.
   */
  | { kind: "launching"; debug: boolean; program: string[] }
  /** The adapter has started it, or has attached; a native debugger traces it now. */
  | { kind: "launched" };

export function clueOf(message: unknown): Clue | undefined {
  if (!isRecord(message)) return undefined;
  switch (message["type"]) {
    case "event":
      return message["event"] === "process" ? processClue(record(message["body"])) : undefined;
    case "request":
      return requestClue(message["command"], record(message["arguments"]));
    case "response":
      return message["success"] === false
        ? undefined
        : responseClue(message["command"], record(message["body"]));
    default:
      return undefined;
  }
}

/**
 * js-debug sends no `process` event: each process is a child session, named `app.js [16947]`. Only its own types are
 * believed: anybody may call a launch configuration `Server [2]`.
 */
export function pidInName(session: { type: string; name: string; isChild: boolean }): number | undefined {
  if (!session.isChild || !/^(pwa-.*|node-terminal)$/.test(session.type)) return undefined;
  return pidOf(/\[(\d+)\]$/.exec(session.name)?.[1]);
}

function processClue(body: Record<string, unknown>): Clue | undefined {
  const pid = pidOf(body["systemProcessId"]);
  if (pid === undefined || body["isLocalProcess"] === false) return undefined;
  return { kind: "named", pid, launched: body["startMethod"] === "launch" };
}

function requestClue(command: unknown, args: Record<string, unknown>): Clue | undefined {
  switch (command) {
    case "launch":
      return { kind: "launching", debug: args["noDebug"] !== true, program: programOf(args) };
    case "attach": {
      const pid = pidOf(args["processId"]) ?? pidOf(args["pid"]);
      return pid === undefined ? undefined : { kind: "attach", pid };
    }
    case "runInTerminal":
      return { kind: "terminal-asked" };
    default:
      return undefined;
  }
}

/** The program's path; or what the runtime is told instead, as in `npm run start`. */
function programOf(args: Record<string, unknown>): string[] {
  const program = args["program"];
  if (typeof program === "string" && program !== "") return [program];
  const runtimeArgs = args["runtimeArgs"];
  return Array.isArray(runtimeArgs) ? runtimeArgs.filter((one) => typeof one === "string") : [];
}

/**
 * Whether a configuration attaches to a process on another machine or in a container, whose pids mean nothing here.
 * By what the adapters of Go, Python, C++, .NET, Java and Node call it.
 */
export function attachesElsewhere(configuration: Record<string, unknown>): boolean {
  if (configuration["request"] !== "attach") return false;
  const { mode, remoteRoot, remotePath, pipeTransport, connect, pathMappings } = configuration;
  const hosts = ["host", "hostName", "address", "remoteHost"].map((name) => configuration[name]);
  return (
    mode === "remote" ||
    [remoteRoot, remotePath, pipeTransport].some(Boolean) ||
    (Array.isArray(pathMappings) && pathMappings.some((mapping) => mapsElsewhere(record(mapping)))) ||
    Object.keys(configuration).some((name) => /^(container|docker|pod)/i.test(name)) ||
    [...hosts, record(connect)["host"]].some((host) => typeof host === "string" && !isLoopback(host))
  );
}

/** e.g. to `/app`, as a container calls it. */
function mapsElsewhere({ localRoot, remoteRoot }: Record<string, unknown>): boolean {
  return typeof remoteRoot === "string" && remoteRoot.startsWith("/") && remoteRoot !== localRoot;
}

function isLoopback(host: string): boolean {
  return host === "" || /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
}

function responseClue(command: unknown, body: Record<string, unknown>): Clue | undefined {
  switch (command) {
    case "launch":
    case "attach":
    case "configurationDone":
      return { kind: "launched" };
    case "runInTerminal": {
      const pid = pidOf(body["processId"]) ?? pidOf(body["shellProcessId"]);
      return pid === undefined ? undefined : { kind: "terminal", pid };
    }
    default:
      return undefined;
  }
}

/** Numbers, and text of digits as launch configurations have it. */
function pidOf(value: unknown): number | undefined {
  const pid = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof pid === "number" && Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
