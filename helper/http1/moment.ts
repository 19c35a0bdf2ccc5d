import { distance } from "../stream/segment.ts";

/** A moment in a direction's life: the number of its next byte, and of the other direction's, where that is known. */
export interface Moment {
  number: number;
  other: number | undefined;
}

/** No message is as short, also with the line end of a chunked body before it that nobody has read yet. */
export const shortestMessage = 12;

/** `number` is the same place as `expected`: there is no room for a message between. */
export function isAt(expected: number, number: number): boolean {
  const after = distance(expected, number);
  return after >= 0 && after < shortestMessage;
}
