/** What can be done with an exchange's address, headers and body: copied, saved, opened in an editor. */
import * as vscode from "vscode";
import type { Exchange, Side } from "../../protocol/exchange.ts";
import { absoluteUrl } from "../../recording/url.ts";
import { messageOf } from "../model/message-of.ts";
import type { ExchangeKey } from "../model/run.ts";
import { command } from "../names.ts";
import type { Bodies } from "./bodies.ts";
import type { BodyFiles } from "./body-files.ts";
import { headText } from "./head-text.ts";
import { saveBody } from "./saver.ts";
import { wholeBody } from "./whole-body.ts";

export interface BodySurroundings {
  bodies: Bodies;
  files: BodyFiles;
  /**
   * The exchange that a command is about: of the row it was called on, else the one that is looked at. `side`: the one
   * that is looked at, if one is.
   */
  chosen(given: unknown): Promise<{ key: ExchangeKey; side: Side | undefined } | undefined>;
}

interface Chosen {
  key: ExchangeKey;
  side: Side;
  exchange: Exchange;
}

export function registerBodyCommands({ bodies, files, chosen }: BodySurroundings): vscode.Disposable {
  const register = (name: string, run: (about: Chosen) => Promise<void>) =>
    vscode.commands.registerCommand(name, async (given: unknown) => {
      const about = await chosen(given);
      if (about === undefined)
        return void vscode.window.showInformationMessage(
          "Tinytap: open an exchange first, or select its row.",
        );
      try {
        const exchange = await bodies.exchange(about.key);
        await run({ key: about.key, exchange, side: about.side ?? sideOf(exchange) });
      } catch (error) {
        void vscode.window.showErrorMessage(`Tinytap: ${messageOf(error)}`);
      }
    });
  return vscode.Disposable.from(
    register(command.copyUrl, async ({ exchange }) => {
      if (exchange.request === undefined) throw new Error("The request was not seen: its URL isn't known.");
      await copy(absoluteUrl(exchange, exchange.request), "the URL");
    }),
    register(command.copyHeaders, ({ exchange, side }) =>
      copy(headText(exchange, side), `the ${side}'s headers`),
    ),
    register(command.copyBody, async ({ key, side }) => {
      const { bytes, isText } = await wholeBody(bodies, key, side);
      if (!isText)
        throw new Error("The body is no text that could be copied: “Save Body…” writes it to a file.");
      await copy(Buffer.from(bytes).toString(), `the ${side}'s body`);
    }),
    register(command.saveBody, ({ key, side }) => saveBody(bodies, key, side)),
    // By its name VS Code knows what to open it with: a picture with its preview.
    register(command.openBody, async ({ key, side }) => {
      await vscode.commands.executeCommand("vscode.open", await files.uriOf(key, side));
    }),
  );
}

async function copy(text: string, what: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(`Tinytap: copied ${what}`, 3000);
}

/** The answer, unless only the question has a body. */
function sideOf({ request, response }: Exchange): Side {
  const isAsked = (response?.body.size ?? 0) === 0 && (request?.body.size ?? 0) > 0;
  return response === undefined || isAsked ? "request" : "response";
}
