/** What both see of an exchange, and can be compared. */
export interface Exchange {
  /** `CLIENT_PORT SERVER_PORT`. */
  connection: string;
  /** Of HTTP/2. */
  stream?: number;
  /** Seconds, Unix time. */
  start: number;
  method?: string;
  target?: string;
  /** Bytes of the body, its chunks taken off. */
  requestSize: number;
  status?: number;
  responseSize: number;
  /** How it ended, where that is told. */
  end?: string;
}
