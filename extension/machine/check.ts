/** Asks this machine what Tinytap can see on it: its capture, where one runs, else a helper that is started for that. */
import { diagnose, type AskHelper, type Diagnosis } from "../../client/diagnosis.ts";
import { HelperStartError } from "../../client/helper.ts";
import { obstacleText, type MachineFacts, type Obstacle } from "../../client/machine.ts";
import type { Refusal } from "../../protocol/refusal.ts";

/** Where something is known to stand in the way, no helper is started: it would have the same to say, or less. */
export function checkMachine(
  facts: MachineFacts,
  obstacle: Obstacle | undefined,
  ask: AskHelper,
): Promise<Diagnosis> {
  if (obstacle === undefined) return diagnose(ask, facts);
  const refusal = obstacle === "confined" ? confinement(facts) : undefined;
  const error = new HelperStartError(
    obstacle === "no-btf" ? "no-btf" : "no-kernel-support",
    obstacleText[obstacle],
    refusal,
  );
  return diagnose(() => Promise.reject(error), facts);
}

function confinement({ userNamespace }: MachineFacts): Refusal {
  const cause = userNamespace ? "user-namespace" : "capability";
  return { cause, operation: "load a program", code: "EPERM", missing: [] };
}
