/** Whether a program that is being debugged may be captured: what decides, without asking anybody. */

import type { CaptureFailure } from "../model/failure.ts";

/** The setting's values, the strictest first. */
export const choices = ["never", "ask", "always"] as const;
export type Choice = (typeof choices)[number];

/** What this machine remembers, whoever opens which workspace. */
export interface MachineMemory {
  /** Why the last attempt gave no capture; until one succeeds nobody is asked for a password unasked. */
  refusal?: Pick<CaptureFailure, "cause" | "message">;
  /** The answer that is to hold from now on. */
  answer?: "always" | "never";
}

export interface ConsentFacts {
  /** By whom it may be set: a workspace can ask for less than its user, never for more. */
  settings: readonly (Choice | undefined)[];
  memory: MachineMemory;
  /** The user, or a failure, has said no for the sessions that run. */
  declined: boolean;
}

export type Consent = "yes" | "ask" | "no";

export function consentOf({ settings, memory, declined }: ConsentFacts): Consent {
  const choice = stricter(settings);
  if (choice === "never" || memory.answer === "never") return "no";
  if (declined || memory.refusal !== undefined) return "no";
  return choice === "ask" && memory.answer !== "always" ? "ask" : "yes";
}

function stricter(settings: readonly (Choice | undefined)[]): Choice {
  return choices.find((choice) => settings.includes(choice)) ?? "always";
}
