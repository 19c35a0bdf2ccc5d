import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSound, idOf, isWhole } from "./conversation.ts";
import { randomConversation, type Conversation } from "./random-conversation.ts";
import { Random } from "./random.ts";
import { drop, run } from "./script.ts";

/** MiB: enough for a conversation, and quicker to make than what is usual. */
const memory = 4;

/** `npm run fuzz:pairing` asks for more. The first seed is another where a run is gone on with, or a failure is looked at. */
const lossy = Number(process.env["TINYTAP_CONVERSATIONS"] ?? 5000);
const first = Number(process.env["TINYTAP_FIRST_SEED"] ?? 1);

test("random conversations, nothing lost: every byte is there", () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const { turns, role, events } = randomConversation(new Random(seed));
    try {
      const seen = run(events, { memory });
      assertSound(seen, turns, role);
      assert.deepEqual(
        seen.exchanges.map(idOf),
        turns.map(({ id }) => id),
      );
      seen.exchanges.forEach((exchange, i) =>
        assert.ok(isWhole(exchange, turns[i]!), JSON.stringify(exchange)),
      );
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});

/** A record was lost of the requests that were moved before anything was answered. */
function hasLostBeginning({ role, events }: Conversation, lost: ReadonlySet<number>): boolean {
  const asks = role === "server" ? "in" : "out";
  const start = events.find((event) => event.kind === "segment")?.other;
  return [...lost].some((index) => {
    const event = events[index]!;
    return event.kind === "segment" && event.direction === asks && event.other === start;
  });
}

test("random conversations, random records lost: what is shown is true", (t) => {
  let whole = 0;
  let all = 0;
  let byWindow = 0;
  let deceived = 0;
  for (let seed = first; seed < first + lossy; seed++) {
    if (seed % 50_000 === 0) console.log(`seeds ${first} to ${seed}: none wrong`);
    const random = new Random(seed);
    const conversation = randomConversation(random);
    const { turns, role, client, events } = conversation;
    const rate = random.pick([0.01, 0.05, 0.2]);
    const lost = new Set([...events.keys()].filter(() => random.chance(rate)));
    const seen = run(
      drop(events, (index) => lost.has(index)),
      { memory },
    );
    if (client === "window") byWindow++;
    try {
      assertSound(seen, turns, role);
    } catch (error) {
      // Its numbers can be those of a client that waits, of whose requests the first was lost: see Pairing.
      if (client !== "window" || !hasLostBeginning(conversation, lost))
        throw new Error(`seed ${seed}`, { cause: error });
      deceived++;
    }
    if (client !== "waits") continue;
    all += turns.length;
    whole += seen.exchanges.filter((one) =>
      isWhole(
        one,
        turns.find(({ id }) => id === idOf(one))!,
      ),
    ).length;
  }
  // Guards against being right by showing nothing.
  assert.ok(whole > 0.48 * all, `${whole} of ${all} exchanges of clients that wait are whole`);
  assert.ok(deceived < 0.06 * byWindow, `${deceived} of ${byWindow} clients with a window deceive`);
  t.diagnostic(
    `${lossy} conversations: of clients that wait ${whole} of ${all} exchanges are whole, none wrong; ` +
      `${deceived} of ${byWindow} clients with a window deceive`,
  );
});
