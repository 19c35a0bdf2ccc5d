/** Exchanges live for seconds: in a small young generation the collector would copy each of them twice. */
export const heapOptions = ["--max-semi-space-size=16"];
