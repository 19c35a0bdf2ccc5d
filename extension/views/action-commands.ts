/** The command that does what is proposed beside the state of the capture. */
import type { Action } from "../model/actions.ts";
import { command, focusExchanges } from "../names.ts";

export const actionCommands: Record<Action, string> = {
  start: command.start,
  attach: command.start,
  stop: command.stop,
  tryAgain: command.start,
  debug: "workbench.action.debug.start",
  show: focusExchanges,
  allowDebugging: command.allowDebugging,
  clearFilter: command.clearFilter,
  openRecording: command.openRecording,
  checkMachine: command.checkMachine,
  trust: "workbench.trust.manage",
  showLog: command.showLog,
};
