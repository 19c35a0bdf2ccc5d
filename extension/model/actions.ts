/** What one can do about the state of the capture, where it is told. */
export const actionTitles = {
  start: "Start Capture",
  attach: "Capture a Running Process…",
  stop: "Stop Capture",
  tryAgain: "Try Again",
  debug: "Start Debugging",
  show: "Show Exchanges",
  allowDebugging: "Capture When Debugging Again",
  clearFilter: "Clear the Filter",
  openRecording: "Open Recording…",
  checkMachine: "Check This Machine",
  trust: "Manage Workspace Trust",
  showLog: "Show Log",
} as const;

export type Action = keyof typeof actionTitles;

export function isAction(id: string): id is Action {
  return Object.hasOwn(actionTitles, id);
}
