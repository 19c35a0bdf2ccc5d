/** A helper of a test's own, that needs neither root nor kernel, in place of the real one; and a machine of its own. */
import { HelperStartError, launch, type Helper } from "../../client/helper.ts";
import { machineFacts, obstacleOf, type MachineFacts, type Obstacle } from "../../client/machine.ts";

/**
 * The script that `TINYTAP_STAND_IN` names; only where the extension is being developed or tested, which VS Code says of no
 * installed extension.
 */
export function standIn(developed: boolean): string | undefined {
  return developed ? process.env["TINYTAP_STAND_IN"] : undefined;
}

/**
 * What stands in a capture's way on this machine. A stand-in has no need of a kernel; with `TINYTAP_STAND_IN_MACHINE` the machine
 * looks like another one: facts as JSON, in place of its own.
 */
export function obstacleHere(developed: boolean): Obstacle | undefined {
  const needsKernel = standIn(developed) === undefined || otherMachine(developed) !== undefined;
  return needsKernel ? obstacleOf(factsHere(developed)) : undefined;
}

export function factsHere(developed: boolean): MachineFacts {
  return { ...machineFacts(), ...(JSON.parse(otherMachine(developed) ?? "{}") as Partial<MachineFacts>) };
}

function otherMachine(developed: boolean): string | undefined {
  return developed ? process.env["TINYTAP_STAND_IN_MACHINE"] : undefined;
}

/** Starts it as the real one would be; `TINYTAP_STAND_IN_PROMPTED`: as if a person had been asked for a password. */
export async function spawnStandIn(script: string, log: (line: string) => void): Promise<Helper> {
  const command = ["/usr/bin/env", "ELECTRON_RUN_AS_NODE=1", process.execPath, script];
  const elevation = process.env["TINYTAP_STAND_IN_PROMPTED"] === "1" ? "pkexec" : "root";
  const outcome = await launch(command, elevation, log);
  if ("refused" in outcome) throw new HelperStartError("crashed", outcome.refused);
  return outcome;
}
