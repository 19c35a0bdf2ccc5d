/** What HAR has no field for: `_tinytap` in the files that we write. */
import type {
  Arrival,
  Header,
  HeadCut,
  Interim,
  Missing,
  Range,
  Role,
  Scheme,
  Side,
  State,
} from "../protocol/exchange.ts";

/** Of the shape below; a reader knows those up to its own. 2: texts are decoded, `_text` is what was captured. */
export const factsVersion = 2;

/** Of `log.creator`, so that it is known before the first entry. */
export interface FileFacts {
  version: number;
  /** Headers with credentials don't have their values. */
  redacted?: true;
}

/** Of an entry. */
export interface EntryFacts {
  /** Each once in a file; and the entry of the exchange's other end, as in `Exchange`, which need not be in the file. */
  id: number;
  otherEnd?: number;
  pid: number;
  process: string;
  role: Role;
  end: State;
  /** As in `Exchange`: HAR's times are whole milliseconds, and can't be absent. */
  start: number;
  duration?: number;
  requestEnd?: number;
  responseStart?: number;
  local: string;
  remote: string;
  /** As in `Exchange`. */
  scheme?: Scheme;
  /** As it was sent; absent where the request was not seen. */
  target?: string;
  /** As in `Exchange`, of HTTP/2. */
  pushed?: true;
  stream?: number;
  error?: string;
  stalled?: Partial<Record<Side, number>>;
  interim?: Interim[];
  /** By side, where there were any. */
  trailers?: Partial<Record<Side, Header[]>>;
  /** By side, as in `Request`. */
  headCut?: Partial<Record<Side, HeadCut>>;
}

/** Of `postData` and `content`. Where bytes are missing in the midst, the text has zeros. */
export interface BodyFacts {
  end: State;
  ranges: Range[];
  missing: Missing[];
  arrivals?: Arrival[];
  /** As in `Body`. */
  decoded?: true;
}
