/** What is known of the methods of servers: by the files that the settings name, and by servers that were asked. */
import type { Description } from "../../content/node/grpc.ts";
import { methodOf } from "../../content/grpc/dialect.ts";
import { DescriptorBuilder } from "../../content/protobuf/descriptor-builder.ts";
import { addDescribedFile } from "../../content/protobuf/descriptor-set.ts";
import type { Exchange } from "../../protocol/exchange.ts";
import { Listeners } from "../model/listeners.ts";
import { askForDescriptors, type AskOptions } from "./reflection.ts";

/** What the files say, once they are read; and why some of them could not be. */
export interface DescribingFiles {
  description(): Promise<{ description: Description | undefined; problems: readonly string[] }>;
  onChange(listener: () => void): { dispose(): void };
}

export class Descriptions {
  readonly #files: DescribingFiles;
  /** By their addresses. */
  readonly #servers = new Map<string, Description>();
  readonly #listeners = new Listeners<void>();

  constructor(files: DescribingFiles) {
    this.#files = files;
    files.onChange(() => this.#listeners.fire());
  }

  onChange(listener: () => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }

  /** What describes the method that is called: what the server says counts before what files say. */
  async of(
    exchange: Exchange,
  ): Promise<{ description: Description | undefined; problems: readonly string[] }> {
    const method = methodOf(exchange.request?.target ?? "") ?? "";
    const server = this.#servers.get(serverOf(exchange));
    if (server?.descriptors.methods.has(method)) return { description: server, problems: [] };
    const { description, problems } = await this.#files.description();
    return description?.descriptors.methods.has(method)
      ? { description, problems: [] }
      : { description: server, problems };
  }

  /** Rejects with a sentence for a person. */
  async ask(exchange: Exchange, options: AskOptions): Promise<void> {
    const address = serverOf(exchange);
    const builder = new DescriptorBuilder();
    for (const file of await askForDescriptors(address, options)) addDescribedFile(builder, file);
    this.#servers.set(address, { descriptors: builder.finish(), by: `what ${address} says of itself` });
    this.#listeners.fire();
  }
}

/** The server's address. */
export function serverOf({ role, local, remote }: Exchange): string {
  return role === "server" ? local : remote;
}

/** Whether it can be asked: in clear, and by TCP. */
export function isAskable(exchange: Exchange): boolean {
  return exchange.scheme !== "https" && /:\d+$/.test(serverOf(exchange));
}
