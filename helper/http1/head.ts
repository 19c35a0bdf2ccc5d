/** Heads of messages. What is acted on is read at once, and the header lines when somebody asks: of most nobody does. */
import type { Header } from "../../protocol/exchange.ts";
import type * as exchanges from "../exchanges/captured-exchange.ts";
import { readControlFields, type ControlFields } from "./control-fields.ts";
import { requestLine, statusLine } from "./first-line.ts";
import { lineAt, parseHeaders } from "./headers.ts";

export type Head = RequestHead | ResponseHead;

class HeadText {
  readonly control: ControlFields;
  readonly #text: string;
  /** Where the header lines begin. */
  readonly #from: number;
  #headers: Header[] | undefined;

  constructor(text: string, from: number) {
    this.control = readControlFields(text, from);
    this.#text = text;
    this.#from = from;
  }

  get headers(): Header[] {
    return (this.#headers ??= parseHeaders(this.#text, this.#from));
  }
}

export class RequestHead extends HeadText implements exchanges.RequestHead {
  readonly kind = "request";
  readonly method: string;
  readonly target: string;
  readonly version: string;

  constructor([, method, target, version]: RegExpExecArray, text: string, from: number) {
    super(text, from);
    this.method = method!;
    this.target = target!;
    this.version = version!;
  }
}

export class ResponseHead extends HeadText implements exchanges.ResponseHead {
  readonly kind = "response";
  readonly version: string;
  readonly status: number;
  readonly statusText: string;

  constructor([, version, status, statusText = ""]: RegExpExecArray, text: string, from: number) {
    super(text, from);
    this.version = version!;
    this.status = Number(status);
    this.statusText = statusText;
  }
}

/** `text`: a whole head, latin1. */
export function parseHead(text: string): Head | undefined {
  const firstEnd = text.indexOf("\n");
  const line = lineAt(text, 0, firstEnd);
  const isResponse = text.startsWith("HTTP/1.");
  const match = (isResponse ? statusLine : requestLine).exec(line);
  if (match === null) return undefined;
  return new (isResponse ? ResponseHead : RequestHead)(match, text, firstEnd + 1);
}
