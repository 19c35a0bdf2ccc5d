/** What this machine lets Tinytap see: what the system tells by itself, and what a helper found that was started for a moment. */
import type { CaptureStatus, Elevation, SourceStatus } from "../protocol/capture.ts";
import type { StartError } from "../protocol/rpc.ts";
import { HelperStartError } from "./helper.ts";
import { machineFacts, type MachineFacts } from "./machine.ts";

export interface Diagnosis {
  platform: NodeJS.Platform;
  /** The release of the system's kernel, e.g. `6.1.0-18-amd64`. */
  kernel: string;
  architecture: string;
  btf: boolean;
  /** -1: there are none here. */
  uid: number;
  /** How the helper came to root; this and what follows is absent where it didn't start. */
  elevation?: Elevation;
  sources?: SourceStatus[];
  /** Milliseconds from the helper's start to the end of its self-test. */
  startup?: number;
  error?: StartError;
}

/** A helper's word, which may ask a person for a password. Rejects with HelperStartError where there is none to be had. */
export type AskHelper = () => Promise<{ status: CaptureStatus; elevation: Elevation }>;

export async function diagnose(ask: AskHelper, facts: MachineFacts = machineFacts()): Promise<Diagnosis> {
  const { platform, release: kernel, arch: architecture, btf } = facts;
  const machine = { platform, kernel, architecture, btf, uid: process.getuid?.() ?? -1 };
  try {
    const { elevation, status } = await ask();
    return { ...machine, elevation, sources: status.sources, startup: Math.round(status.startup) };
  } catch (error) {
    if (!(error instanceof HelperStartError)) throw error;
    const { code, message, refusal } = error;
    return { ...machine, error: { code, message, ...(refusal && { refusal }) } };
  }
}
