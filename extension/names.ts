/** Every name that package.json contributes: a unit test holds the two together. */

export const command = {
  start: "tinytap.start",
  stop: "tinytap.stop",
  clear: "tinytap.clear",
  open: "tinytap.open",
  find: "tinytap.find",
  showOlder: "tinytap.showOlder",
  showNewest: "tinytap.showNewest",
  openRecording: "tinytap.openRecording",
  closeRecording: "tinytap.closeRecording",
  saveRecording: "tinytap.saveRecording",
  showNetwork: "tinytap.showNetwork",
  filter: "tinytap.filter",
  clearFilter: "tinytap.clearFilter",
  hideLike: "tinytap.hideLike",
  follow: "tinytap.follow",
  unfollow: "tinytap.unfollow",
  copyUrl: "tinytap.copyUrl",
  copyHeaders: "tinytap.copyHeaders",
  copyBody: "tinytap.copyBody",
  saveBody: "tinytap.saveBody",
  openBody: "tinytap.openBody",
  askForDescriptors: "tinytap.askForDescriptors",
  showLog: "tinytap.showLog",
  allowDebugging: "tinytap.allowDebugging",
  checkMachine: "tinytap.checkMachine",
  keepOpen: "tinytap.keepOpen",
  back: "tinytap.back",
  /** A key has gone to another row of the tree, which it selects next; Enter was pressed on one; the key's commands are through. */
  step: "tinytap.step",
  enter: "tinytap.enter",
  keyDone: "tinytap.keyDone",
  /** A recording's row was clicked, or Enter was pressed on it. */
  fold: "tinytap.fold",
} as const;

export const view = {
  container: "tinytap",
  exchanges: "tinytap.exchanges",
  /** The table, in the bottom panel. */
  networkContainer: "tinytap-network",
  network: "tinytap.network",
  /** The same as `exchanges`, in Run and Debug. */
  debugging: "tinytap.debugging",
} as const;

/** VS Code makes these commands for the views. */
export const focusExchanges = `${view.exchanges}.focus`;
export const focusDebugging = `${view.debugging}.focus`;

export const setting = {
  debugCapture: "tinytap.debug.capture",
  exclude: "tinytap.exclude",
  sendfile: "tinytap.sendfile",
  ringSize: "tinytap.ringSize",
  maxBodySize: "tinytap.maxBodySize",
  memorySize: "tinytap.memorySize",
  grpcProtoFiles: "tinytap.grpc.protoFiles",
} as const;

export const contextKey = {
  /** The phase of `CaptureState`. */
  phase: "tinytap.phase",
  /** What the empty view says: see `situationOf`. */
  situation: "tinytap.situation",
  /** `capture`, or the `Obstacle` that stands in its way on this machine. */
  machine: "tinytap.machine",
  hasExchanges: "tinytap.hasExchanges",
  /** A filter may hide something. */
  filtered: "tinytap.filtered",
  /** The list stays at its end. */
  following: "tinytap.following",
  /** The detail panel that is looked at was kept open. */
  kept: "tinytap.kept",
} as const;

export const panelType = "tinytap.exchange";
