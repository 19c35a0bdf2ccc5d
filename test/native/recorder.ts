import assert from "node:assert/strict";
import { once } from "node:events";
import { closeSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { loadAddon, type Loaded } from "../../helper/capture/addon.ts";
import { dist } from "../../scripts/paths.mjs";
import { descriptors } from "./descriptors.ts";
import { eventually } from "./eventually.ts";
import { Follower, type SeenEvent } from "./follower.ts";
import { sides, type Side } from "./sides.ts";

const ringBytes = 1 << 20;

/** The kernel side with a small ring, and who follows it. */
export class Recorder {
  readonly addon = loadAddon(dist);
  readonly loaded: Loaded;
  readonly follower: Follower;

  constructor() {
    this.loaded = this.addon.load({
      ...{ directory: dist, ownerUid: 0, ownerGid: 0, anyUser: true, ringBytes },
    });
    this.follower = new Follower(this.addon, this.loaded.ring, ringBytes, 4);
  }

  close(): void {
    this.follower.drain.close();
    for (const fd of descriptors(this.loaded)) closeSync(fd);
  }

  /** Runs `talk` over a connection of this process with itself; gives both sides' records: the server's first. `before`: unseen. */
  async captured(
    address: number | string,
    talk: (client: Socket, server: Socket, soFar: () => Promise<[Side, Side]>) => Promise<void>,
    host = "localhost",
    before?: (client: Socket, server: Socket) => Promise<void>,
  ): Promise<[Side, Side]> {
    const { follower } = this;
    const events: SeenEvent[] = [];
    const listener = createServer({ allowHalfOpen: true }).listen(address);
    await once(listener, "listening");
    const where = listener.address() as AddressInfo | string;
    const client = connect({
      allowHalfOpen: true,
      ...(typeof where === "string" ? { path: where } : { port: where.port, host }),
    });
    const [server] = (await once(listener, "connection")) as [Socket];
    await before?.(client, server);
    const targets = new this.addon.Targets(this.loaded.targets);
    targets.set(process.pid, 1);
    try {
      await talk(client, server, bothSides);
      await Promise.all(
        [client, server].map(async (socket) => {
          if (!socket.destroyed) socket.destroy();
          if (!socket.closed) await once(socket, "close");
        }),
      );
      // The last acknowledgement may be on its way.
      await eventually(async () => (await bothSides()).every(({ closed }) => closed !== undefined));
    } finally {
      targets.set(process.pid, 0);
      listener.close();
    }
    return await bothSides();

    async function bothSides(): Promise<[Side, Side]> {
      events.push(...(await follower.events()));
      const [first, second, ...others] = sides(events);
      assert.ok(first !== undefined && second !== undefined && others.length === 0);
      const isServer = ({ opened }: Side) =>
        typeof where !== "string" && opened.local.endsWith(`:${where.port}`);
      return isServer(second) ? [second, first] : [first, second];
    }
  }
}
