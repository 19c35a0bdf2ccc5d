/** Answers what the detail panel's page asks of the exchange that it shows. */
import type { FromPage, ToPage } from "../../protocol/webview.ts";
import type { Bodies } from "../bodies/bodies.ts";
import { findInBody } from "../bodies/find.ts";
import type { Conversations } from "../grpc/conversations.ts";
import { messageOf } from "../model/message-of.ts";
import type { ExchangeKey } from "../model/run.ts";

/** What is answered. */
export type Question = Extract<FromPage, { call: number; key: string }>;

export interface QuestionSurroundings {
  readonly bodies: Bodies;
  readonly conversations: Pick<Conversations, "read" | "ask">;
}

export class PageQuestions {
  readonly #surroundings: QuestionSurroundings;
  readonly #post: (message: ToPage) => void;
  /** By their calls. */
  readonly #searches = new Map<number, AbortController>();

  constructor(surroundings: QuestionSurroundings, post: (message: ToPage) => void) {
    this.#surroundings = surroundings;
    this.#post = post;
  }

  /** `shown`: what the question is about; undefined where that isn't shown any more. */
  async answer(question: Question, shown: ExchangeKey | undefined): Promise<void> {
    const { call } = question;
    try {
      if (shown === undefined) throw new Error("This exchange is no longer shown.");
      this.#post(await this.#answer(question, shown));
    } catch (error) {
      this.#post({ type: "failed", call, message: messageOf(error) });
    }
  }

  cancel(call: number): void {
    this.#searches.get(call)?.abort();
  }

  async #answer(question: Question, shown: ExchangeKey): Promise<ToPage> {
    const { bodies, conversations } = this.#surroundings;
    const { call } = question;
    switch (question.type) {
      case "read": {
        const { side, of, start, end } = question;
        const bytes =
          of === "body"
            ? await bodies.read(shown, side, start, end)
            : (await bodies.decode(shown, side)).bytes.subarray(start, end);
        return { type: "bytes", call, bytes: ownBytes(bytes) };
      }
      case "decode": {
        const { bytes, ...rest } = await bodies.decode(shown, question.side);
        return { type: "decoded", call, decoded: { ...rest, size: bytes.length } };
      }
      case "find": {
        const cancelling = new AbortController();
        this.#searches.set(call, cancelling);
        try {
          const found = await findInBody(bodies, shown, question, cancelling.signal);
          return { type: "found", call, found };
        } finally {
          this.#searches.delete(call);
        }
      }
      case "messages":
        return { type: "messages", call, messages: await conversations.read(shown) };
      case "describe":
        await conversations.ask(shown);
        return { type: "described", call };
    }
  }
}

/** In a buffer of its own: a slice of Node's pool would take the pool along. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
