/** The suite's entry: VS Code calls `run` in the extension host. */
import "./bodies.ts";
import "./capture.ts";
import "./debug.ts";
import "./recordings.ts";
import { runTests } from "./runner.ts";

export const run = runTests;
