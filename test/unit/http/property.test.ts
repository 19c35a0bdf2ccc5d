import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSound, idOf, isWhole } from "./conversation.ts";
import { randomConversation } from "./random-conversation.ts";
import { Random } from "./random.ts";
import { drop, run } from "./script.ts";

/** MiB: enough for a conversation, and quicker to make than what is usual. */
const memory = 4;

/** `npm run fuzz` asks for more. */
const lossy = Number(process.env["TINYTAP_CONVERSATIONS"] ?? 5000);

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

test("random conversations, random records lost: what is shown is true", (t) => {
  let whole = 0;
  let all = 0;
  for (let seed = 1; seed <= lossy; seed++) {
    if (seed % 50_000 === 0) console.log(`${seed} of ${lossy} conversations: none wrong`);
    const random = new Random(seed);
    const { turns, role, events } = randomConversation(random);
    const rate = random.pick([0.01, 0.05, 0.2]);
    const seen = run(
      drop(events, () => random.chance(rate)),
      { memory },
    );
    try {
      assertSound(seen, turns, role);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    all += turns.length;
    whole += seen.exchanges.filter((one) =>
      isWhole(
        one,
        turns.find(({ id }) => id === idOf(one))!,
      ),
    ).length;
  }
  // Guards against being right by showing nothing.
  assert.ok(whole > all / 4, `${whole} of ${all} exchanges are whole`);
  t.diagnostic(`${lossy} conversations, ${whole} of ${all} exchanges whole, none wrong`);
});
