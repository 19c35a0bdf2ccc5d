/** What this kernel lacks: the reason to skip a test, or false. */
import { readFileSync } from "node:fs";

export const noKtls =
  !readSetting("/proc/sys/net/ipv4/tcp_available_ulp")?.split(" ").includes("tls") &&
  "this kernel has no kTLS (CONFIG_TLS), or its module is not loaded";
export const noMptcp = readSetting("/proc/sys/net/mptcp/enabled") !== "1" && "this kernel has no MPTCP";

function readSetting(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
