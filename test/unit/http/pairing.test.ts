/** Which response answers which request, by numbers alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CapturedExchange } from "../../../helper/exchanges/captured-exchange.ts";
import { Pairing } from "../../../helper/http1/pairing.ts";

const origin = { pid: 1, process: "p", role: "server", local: "l", remote: "r", network: undefined } as const;

/** Three requests that end at 100, 200 and 300; their responses end at 1000, 2000 and 3000. */
class Talk {
  readonly givenUp: number[] = [];
  readonly pairing = new Pairing(({ id }) => void this.givenUp.push(id));

  /** The `id`th request comes, when the response before it was seen or not; gives whether it is believed. */
  request(id: number, sawResponse: boolean, other: number | undefined = 1000 * (id - 1)): boolean {
    const first = { number: 100 * (id - 1), other };
    const before = sawResponse ? { number: 1000 * (id - 1), other: 100 * (id - 1) } : undefined;
    this.pairing.noteRequest(first, before, true);
    if (!this.pairing.believes(first, before, true)) return false;
    this.pairing.request(new CapturedExchange(id, origin, undefined, 0, 0), first, before);
    return true;
  }

  /** The request that the `id`th response is paired with. */
  response(id: number): number | undefined {
    return this.pairing.response(1000 * (id - 1))?.id;
  }
}

test("nothing lost: the order pairs, also where no numbers are known", () => {
  const talk = new Talk();
  for (const id of [1, 2, 3]) {
    assert.ok(talk.request(id, false, undefined));
    assert.equal(talk.response(id), id);
  }
});

test("a response is lost: its request is given up, and the next pair is its own", () => {
  const talk = new Talk();
  assert.ok(talk.request(1, true) && talk.request(2, false));
  talk.pairing.responsesLost(1000);
  assert.deepEqual(talk.givenUp, [1]);
  assert.equal(talk.response(2), 2);
});

test("a request is lost: the next one is believed where both directions stood still, and only there", () => {
  for (const stood of [true, false]) {
    const talk = new Talk();
    assert.ok(talk.request(1, true));
    assert.equal(talk.response(1), 1);
    talk.pairing.requestsLost();
    assert.equal(talk.response(2), undefined);
    assert.equal(talk.request(3, stood), stood);
    assert.equal(talk.response(3), stood ? 3 : undefined);
  }
});

test("what looks like a response inside of a lost response's body is nobody's", () => {
  const talk = new Talk();
  assert.ok(talk.request(1, true));
  talk.pairing.responsesLost(40);
  assert.equal(talk.pairing.response(40), undefined);
  assert.deepEqual(talk.givenUp, [1]);
});

test("in the middle of what is unknown: a request is believed where both directions stood still, and only there", () => {
  const { pairing } = new Talk();
  const first = { number: 100, other: 1000 };
  assert.equal(pairing.believes(first, { number: 1000, other: 100 }, false), true);
  assert.equal(pairing.believes(first, { number: 1000, other: 60 }, false), false);
  assert.equal(pairing.believes(first, undefined, false), false);
});

test("several requests at once: after a loss nothing is paired, though both directions stand still", () => {
  const talk = new Talk();
  assert.ok(talk.request(1, true, 0) && talk.request(2, false, 0));
  talk.pairing.responsesLost(500);
  assert.equal(talk.response(2), undefined);
  assert.deepEqual(talk.givenUp, [1, 2]);
  assert.ok(talk.request(3, true));
  assert.equal(talk.response(3), undefined);
  talk.pairing.requestsLost();
  assert.equal(talk.request(4, true), false);
});
