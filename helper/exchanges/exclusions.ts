/** Which requests are not to be captured: health checks, and what else would only be in the way. */
import type { Header } from "../../protocol/exchange.ts";

/** What a pattern is compared with. */
export interface Asked {
  readonly target: string;
  readonly headers: readonly Header[];
}

interface Exclusion {
  host?: Glob;
  path?: Glob;
  /** The host's pattern says nothing of a port. */
  anyPort: boolean;
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

  has(asked: Asked): boolean {
    if (this.#exclusions.length === 0) return false;
    const { target } = asked;
    const [, authority, rest = target] = /^https?:\/\/([^/?]*)(.*)$/is.exec(target) ?? [];
    const path = rest.split("?", 1)[0]!;
    // Only some ask for it: a head is read no further than it must be.
    const host = () => authority ?? asked.headers.find(([name]) => name.toLowerCase() === "host")?.[1] ?? "";
    return this.#exclusions.some(
      (each) => (each.path?.matches(path) ?? true) && (each.host === undefined || isHost(each, host())),
    );
  }
}

function isHost({ host, anyPort }: Exclusion, authority: string): boolean {
  const asked = authority.toLowerCase();
  return host!.matches(asked) || (anyPort && host!.matches(asked.replace(/:\d+$/, "")));
}

function exclusionOf(pattern: string): Exclusion {
  const slash = pattern.indexOf("/");
  const [host, path] = slash < 0 ? [pattern, ""] : [pattern.slice(0, slash), pattern.slice(slash)];
  return {
    ...(host !== "" && { host: new Glob(host.toLowerCase()) }),
    ...(path !== "" && { path: new Glob(path) }),
    anyPort: !/:(\d+|\*)$/.test(host),
  };
}

/** Reads a text once: an expression with several stars would try for hours on a target made for that. */
class Glob {
  readonly #first: string;
  readonly #middle: string[];
  readonly #last: string | undefined;

  constructor(pattern: string) {
    const [first = "", ...others] = pattern.split("*");
    this.#first = first;
    this.#last = others.pop();
    this.#middle = others;
  }

  matches(text: string): boolean {
    if (this.#last === undefined) return text === this.#first;
    if (!text.startsWith(this.#first)) return false;
    let at = this.#first.length;
    for (const part of this.#middle) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return text.length - this.#last.length >= at && text.endsWith(this.#last);
  }
}
