/** What a test and its stand-in helpers tell each other on the control socket: a line of JSON each. */
import type { StartErrorCode } from "../../protocol/rpc.ts";

/** The test's answer to a stand-in that was started, as late as it likes. */
export type Start = "ready" | StartErrorCode;

/** An exchange; without a code there is no answer. */
export interface Sample {
  /** e.g. `GET /api/orders` */
  line: string;
  host?: string;
  status?: number;
  type?: string;
  size?: number;
  /** The response's bytes from here on are lost. */
  lostFrom?: number;
  /** The program asked. */
  client?: true;
}

export type Command =
  /** `rate` exchanges a second for `seconds`, their bodies of `sizes` and their codes of `statuses` in turn. */
  | { do: "traffic"; rate: number; seconds: number; sizes?: number[]; statuses?: number[] }
  /** A body of text that grows by `lines` lines every `interval` milliseconds, `steps` times, and then ends. */
  | { do: "grow"; target: string; lines: number; interval: number; steps: number }
  /** One exchange after the other, as they are written down: of different kinds. */
  | { do: "exchange"; exchanges: Sample[] }
  /** Requests that have no answer yet. */
  | { do: "hold"; targets: string[] }
  /** Answers them, or closes their connections. */
  | { do: "answer" | "close" }
  /** Ends `traffic` and `grow` where they are. */
  | { do: "stop" };

export type FromTest = { start: Start } | { call: number; command: Command };

export type FromStandIn =
  /** It was started, and waits to hear how. */
  | { pid: number }
  /** The command is done, and that many exchanges were begun for it; or it failed. */
  | { call: number; exchanges: number }
  | { call: number; error: string };
