/** "Save Body…": as it was sent or its content, what to put where bytes are missing, and where; then the file, and words about it. */
import * as vscode from "vscode";
import { codingsOf, mediaTypeOf } from "../../content/headers.ts";
import { kindOf } from "../../content/kind.ts";
import { pictureOf } from "../../content/picture.ts";
import type { Missing, Side } from "../../protocol/exchange.ts";
import { sizeText } from "../../protocol/format.ts";
import { oneLine } from "../../protocol/one-line.ts";
import { missingBytes } from "../../protocol/reasons.ts";
import type { ExchangeKey } from "../model/run.ts";
import { failureText } from "../model/saving-text.ts";
import { withLateProgress } from "../recordings/late-progress.ts";
import { nameOf } from "../recordings/opener.ts";
import { pickNewFile } from "../recordings/pick-new-file.ts";
import type { Bodies } from "./bodies.ts";
import { bodyFileName } from "./file-name.ts";
import { writeBody, type InGaps } from "./write-body.ts";

/** Bytes by which it is told what a body is. */
const sampleSize = 64 * 1024;

/** Rejects with words for a person. */
export async function saveBody(bodies: Bodies, key: ExchangeKey, side: Side): Promise<void> {
  const { request } = await bodies.exchange(key);
  const { headers, body } = await bodies.message(key, side);
  if (body.size === 0) throw new Error(`The ${side} has no body.`);
  const codings = body.decoded ? [] : codingsOf(headers);
  const isContent = codings.length > 0 ? await pickContent(codings) : false;
  if (isContent === undefined) return;
  const inGaps = isContent || body.missing.length === 0 ? "none" : await pickInGaps(body.missing);
  if (inGaps === undefined) return;
  const sample = isContent
    ? (await bodies.decode(key, side)).bytes.subarray(0, sampleSize)
    : await bodies.read(key, side, 0, sampleSize);
  const type = mediaTypeOf(headers);
  const isText = !["bytes", "image", "msgpack", "cbor"].includes(kindOf(type, sample));
  // Encoded bytes are not of the type that the headers tell.
  const told =
    codings.length > 0 && !isContent ? "application/octet-stream" : (pictureOf(sample)?.type ?? type.name);
  const uri = await pickNewFile("Save Body", bodyFileName(request?.target ?? "", told, isText));
  if (uri === undefined) return;
  const name = oneLine(nameOf(uri));
  let cancelled = false;
  try {
    const written = await withLateProgress(`Saving ${name}`, (signal, report) => {
      signal.addEventListener("abort", () => (cancelled = true));
      const onProgress = (done: number, size: number) =>
        report(`${sizeText(done)} of ${sizeText(size)}`, done / size);
      return writeBody(bodies, uri.fsPath, { key, side, isContent, inGaps, signal, onProgress });
    });
    void vscode.window.showInformationMessage(`Tinytap: ${name} saved: ${written}.`);
  } catch (error) {
    if (!cancelled) throw new Error(failureText(name, error), { cause: error });
  }
}

async function pickContent(codings: readonly string[]): Promise<boolean | undefined> {
  const names = codings.join(", ");
  const content = { label: "Content", description: `${names} taken off` };
  const sent = { label: "As it was sent", description: names };
  const picked = await vscode.window.showQuickPick([content, sent], {
    placeHolder: "What to save of the body",
  });
  return picked && picked === content;
}

async function pickInGaps(missing: readonly Missing[]): Promise<InGaps | undefined> {
  const size = sizeText(missingBytes(missing));
  const choices: (vscode.QuickPickItem & { inGaps: InGaps })[] = [
    {
      ...{ label: "Zeros in their place", inGaps: "zeros" },
      detail: "What follows keeps its offset. The file doesn't tell them from zeros that were sent.",
    },
    { label: "Leave them out", inGaps: "leave-out", detail: "What follows moves up: the file is shorter." },
  ];
  const placeHolder = `${size} of the body are missing. What to put there`;
  return (await vscode.window.showQuickPick(choices, { placeHolder }))?.inGaps;
}
