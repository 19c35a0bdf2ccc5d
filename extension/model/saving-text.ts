/** What has become of a recording that was to be saved, in words. */
import { messageOf } from "./message-of.ts";
import { countText, exchangesText } from "./text.ts";

export function savedText(
  name: string,
  { written, inFlight, incomplete, gone }: Record<"written" | "inFlight" | "incomplete" | "gone", number>,
): string {
  const said = [
    `${name} has ${exchangesText(written)}`,
    ...(inFlight > 0 ? [`${countText(inFlight)} in flight are as far as they had come`] : []),
    ...(incomplete > 0 ? [`of ${countText(incomplete)} some bytes are missing, as the recording says`] : []),
    ...(gone > 0 ? [`${countText(gone)} could not be saved, as nothing keeps them any more`] : []),
  ];
  return `${said.join("; ")}.`;
}

const reasons: Record<string, string> = {
  ENOSPC: "the disk is full",
  EDQUOT: "your share of the disk is full",
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "nothing can be written there",
  ENOENT: "there is no such folder",
};

export function failureText(name: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = reasons[code];
  const words = reason === undefined ? messageOf(error).replace(/\.$/, "") : `${reason} (${code})`;
  return `${name} was not saved: ${words}. Nothing of it was left behind.`;
}
