/** Heads of messages. What is acted on is read at once, and the header lines when somebody asks: of most nobody does. */
import type { Header, HeadCut } from "../../protocol/exchange.ts";
import type * as exchanges from "../exchanges/captured-exchange.ts";
import { readControlFields, type ControlFields } from "./control-fields.ts";
import { requestLine, statusLine } from "./first-line.ts";
import { lineAt, parseHeaders } from "./headers.ts";

export type Head = RequestHead | ResponseHead;

/** What is known of a head of which not all is kept. */
interface CutShort {
  control: ControlFields;
  cut: HeadCut;
  endSeen: boolean;
}

class HeadText {
  readonly control: ControlFields;
  readonly #about: CutShort | undefined;
  readonly #text: string;
  /** Where the header lines begin. */
  readonly #from: number;
  #headers: Header[] | undefined;

  constructor(text: string, from: number, about: CutShort | undefined) {
    this.control = about?.control ?? readControlFields(text, from);
    this.#about = about;
    this.#text = text;
    this.#from = from;
  }

  get headCut(): HeadCut | undefined {
    return this.#about?.cut;
  }

  /** Its last line was seen: how the message is framed is known. */
  get endSeen(): boolean {
    return this.#about?.endSeen ?? true;
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

  constructor([, method, target, version]: readonly string[], text: string, from: number, about?: CutShort) {
    super(text, from, about);
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

  constructor(
    [, version, status, statusText = ""]: readonly string[],
    text: string,
    from: number,
    about?: CutShort,
  ) {
    super(text, from, about);
    this.version = version!;
    this.status = Number(status);
    this.statusText = statusText;
  }
}

/** `text`: a whole head, latin1; or what is kept of it, and `about` what is known of the rest. */
export function parseHead(text: string, about?: CutShort): Head | undefined {
  const firstEnd = text.indexOf("\n");
  const line = lineAt(text, 0, firstEnd);
  const isResponse = text.startsWith("HTTP/1.");
  const match = (isResponse ? statusLine : requestLine).exec(line);
  if (match === null) return undefined;
  return new (isResponse ? ResponseHead : RequestHead)(match, text, firstEnd + 1, about);
}
