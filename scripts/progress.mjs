/** Long steps, told as they run: one line each, on stderr. */
import { spawn } from "node:child_process";

const terminal = process.stderr.isTTY === true;

/** @param {string} line */
export function say(line) {
  process.stderr.write(`tinytap: ${line}\n`);
}

/** What is to be done about a failed set-up; printed without a stack. */
export class SetupError extends Error {}

/**
 * Runs `work` and tells how long it takes. On a terminal the line ticks and shows the newest line of output;
 * elsewhere a line is added every 15 seconds.
 * @template T
 * @param {string} title
 * @param {(log: (text: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const began = Date.now();
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
  let newest = "";
  const width = process.stderr.columns ?? 100;
  const tick = () =>
    terminal
      ? process.stderr.write(`\r\x1b[2Ktinytap: ${title} … ${seconds()}  ${newest}`.slice(0, width + 4))
      : say(`${title} … ${seconds()}`);
  if (!terminal) say(`${title} …`);
  const ticker = setInterval(tick, terminal ? 250 : 15_000);
  try {
    const result = await work((text) => {
      // Control characters would move the cursor off the line.
      newest =
        text
          .trimEnd()
          .split("\n")
          .at(-1)
          ?.replace(/[^\x20-\x7e]/g, "") ?? newest;
    });
    clearInterval(ticker);
    process.stderr.write(`${terminal ? "\r\x1b[2K" : ""}tinytap: ${title}: done in ${seconds()}\n`);
    return result;
  } catch (error) {
    clearInterval(ticker);
    process.stderr.write(`${terminal ? "\r\x1b[2K" : ""}tinytap: ${title}: failed after ${seconds()}\n`);
    throw error;
  }
}

/**
 * Runs a command to its end and gives what it wrote to stdout. A failure carries the end of all its output.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, log?: (text: string) => void }} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, { cwd, env, log } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let all = "";
    child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      out += text;
      all += text;
      log?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      all += text;
      log?.(text);
    });
    child.on("error", (error) => reject(new SetupError(`${command}: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(out);
      const tail = all.trimEnd().split("\n").slice(-40).join("\n");
      reject(new SetupError(`${command} ${args.join(" ")} ended with ${code ?? signal}:\n${tail}`));
    });
  });
}

/**
 * The entry of a script: runs it, and turns a SetupError into its message and exit code 1.
 * @param {() => Promise<void>} main
 */
export async function script(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
