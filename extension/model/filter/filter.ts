/**
 * Which exchanges are shown, as it is typed: conditions that must all hold, as in
 * `method:GET,PUT status:>=400 -path:/static "out of stock" /v[12]/`.
 */
import type { ExchangeRow } from "../exchange-row.ts";
import { messageOf } from "../message-of.ts";
import { isKey, keys, textCondition, type Condition, type Question } from "./conditions.ts";
import { tokensOf, type Place, type Token } from "./tokens.ts";

/** Characters that are read: more is no filter any more. */
const mostRead = 2000;

export interface FilterError extends Place {
  /** To a person, e.g. `40 is no code, as 404, 4xx, >=400 or 200-299 are`. */
  message: string;
}

/** What an answerer knows: undefined is not known yet. */
export type Answer = (question: Question, row: ExchangeRow) => boolean | undefined;

export interface Filter {
  readonly text: string;
  /** What is not understood; it hides nothing. */
  readonly errors: readonly FilterError[];
  /** Said after a count: `path without /static; type json`. Empty: there is no condition. */
  readonly words: string;
  /** What it must ask of others. */
  readonly questions: readonly Question[];
  /** What isn't known yet doesn't pass. */
  passes(row: ExchangeRow, answer: Answer): boolean;
}

interface Term {
  negated: boolean;
  condition: Condition;
}

export const noFilter: Filter = parseFilter("");

export function parseFilter(text: string): Filter {
  const errors: FilterError[] = [];
  const terms: Term[] = [];
  if (text.length > mostRead)
    errors.push({ start: mostRead, end: text.length, message: `only ${mostRead} characters are read` });
  for (const token of tokensOf(text.slice(0, mostRead), isKey)) {
    // Nothing behind the colon yet.
    if (token.values.length === 0) continue;
    try {
      terms.push({ negated: token.negated, condition: conditionOf(token) });
    } catch (error) {
      errors.push({ start: token.start, end: token.end, message: messageOf(error) });
    }
  }
  // What a row tells itself is cheap: nobody is asked about a row that it hides.
  const cheapFirst = terms.toSorted((a, b) => asks(a) - asks(b));
  return {
    text,
    errors,
    words: terms.map(({ negated, condition }) => condition.words[negated ? 1 : 0]).join("; "),
    questions: terms.flatMap(({ condition }) => condition.questions ?? []),
    passes: (row, answer) => cheapFirst.every((term) => passes(term, row, answer)),
  };
}

function conditionOf({ key, values }: Token): Condition {
  if (key === undefined) return textCondition(values);
  return keys[key]!.condition(values);
}

function passes(
  { negated, condition: { test, questions = [] } }: Term,
  row: ExchangeRow,
  answer: Answer,
): boolean {
  if (test !== undefined) return test(row) !== negated;
  const answers = questions.map((question) => answer(question, row));
  if (answers.includes(true)) return !negated;
  return answers.includes(undefined) ? false : negated;
}

function asks({ condition }: Term): number {
  return condition.questions === undefined ? 0 : 1;
}
