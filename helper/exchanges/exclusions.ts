/** Which requests are not to be captured: health checks, and what else would only be in the way. */
import type { Header } from "../../protocol/exchange.ts";

/** What a pattern is compared with. */
export interface Asked {
  readonly target: string;
  readonly headers: readonly Header[];
}

interface Exclusion {
  host?: RegExp;
  path?: RegExp;
}

/**
 * Each pattern is a path (`/healthz`), a host (`telemetry.example`, `localhost:9090`), or both (`localhost/metrics`); `*` stands for
 * any characters. A path is compared as a whole, without the query; a host without a port has any.
 */
export class Exclusions {
  readonly #exclusions: Exclusion[];

  constructor(patterns: readonly string[]) {
    this.#exclusions = patterns
      .map((pattern) => pattern.trim())
      .filter(Boolean)
      .map(exclusionOf);
  }

  has({ target, headers }: Asked): boolean {
    if (this.#exclusions.length === 0) return false;
    const [, authority, rest = target] = /^https?:\/\/([^/?]*)(.*)$/is.exec(target) ?? [];
    const path = rest.split("?", 1)[0]!;
    // Only some ask for it: a head is read no further than it must be.
    const host = () => authority ?? headers.find(([name]) => name.toLowerCase() === "host")?.[1] ?? "";
    return this.#exclusions.some(
      (each) => (each.path?.test(path) ?? true) && (each.host?.test(host()) ?? true),
    );
  }
}

function exclusionOf(pattern: string): Exclusion {
  const slash = pattern.indexOf("/");
  const [host, path] = slash < 0 ? [pattern, ""] : [pattern.slice(0, slash), pattern.slice(slash)];
  const port = /:(\d+|\*)$/.test(host) ? "" : "(:\\d+)?";
  return {
    ...(host !== "" && { host: new RegExp(`^${globbed(host)}${port}$`, "i") }),
    ...(path !== "" && { path: new RegExp(`^${globbed(path)}$`) }),
  };
}

/** Several stars in a row would have the expression try far too much. */
function globbed(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll(/\*+/g, ".*");
}
