/** Sizes, durations and codes as they are typed in a filter. */
import { durationText, sizeText } from "../../../protocol/format.ts";

const sizes: Record<string, number> = { "": 1, b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9 };
const times: Record<string, number> = { "": 1, ms: 1, s: 1000, m: 60_000, min: 60_000 };

export interface Quantity {
  value: number;
  words: string;
}

/** e.g. `1MB`, `1.5k`, `200`: decimal units, as sizes are shown. */
export function sizeOf(text: string): Quantity {
  const value = scaled(text, sizes);
  if (value === undefined) throw new Error(`${text} is no size, as 200, 10kB or 1.5MB are`);
  return { value, words: sizeText(value) };
}

/** e.g. `100ms`, `1.5s`; milliseconds without a unit. */
export function timeOf(text: string): Quantity {
  const value = scaled(text, times);
  if (value === undefined) throw new Error(`${text} is no time, as 100ms or 1.5s are`);
  return { value, words: durationText(value) };
}

function scaled(text: string, units: Record<string, number>): number | undefined {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?|\.\d+)([a-z]*)$/i.exec(text) ?? [];
  const scale = units[unit.toLowerCase()];
  return number === "" || scale === undefined ? undefined : Number(number) * scale;
}

export interface Codes {
  test(status: number): boolean;
  words: string;
}

/** e.g. `404`, `4xx`, `>=400`, `200-299`. */
export function codesOf(text: string): Codes {
  const [, digit] = /^([1-9])xx$/i.exec(text) ?? [];
  if (digit !== undefined)
    return { test: (status) => Math.floor(status / 100) === Number(digit), words: `${digit}xx` };
  const [, from, to] = /^(\d{3})-(\d{3})$/.exec(text) ?? [];
  if (from !== undefined && to !== undefined)
    return { test: (status) => status >= Number(from) && status <= Number(to), words: `${from} to ${to}` };
  const [, operator = "", digits] = /^(>=|<=|>|<|=)?(\d{3})$/.exec(text) ?? [];
  const compared = comparisons[operator];
  if (digits === undefined || compared === undefined)
    throw new Error(`${text} is no code, as 404, 4xx, >=400 or 200-299 are`);
  const code = Number(digits);
  return { test: (status) => compared.test(status, code), words: compared.words(digits) };
}

const exactly = { test: (a: number, b: number) => a === b, words: (code: string) => code };
const comparisons: Record<string, { test(a: number, b: number): boolean; words(code: string): string }> = {
  "": exactly,
  "=": exactly,
  ">=": { test: (a, b) => a >= b, words: (code) => `${code} or above` },
  "<=": { test: (a, b) => a <= b, words: (code) => `${code} or below` },
  ">": { test: (a, b) => a > b, words: (code) => `above ${code}` },
  "<": { test: (a, b) => a < b, words: (code) => `below ${code}` },
};
