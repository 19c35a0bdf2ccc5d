/** Where a recorded body's bytes come from. */
export interface BodySource {
  size(): Promise<number>;
  /** Those of `[start, end)`, as far as there are any. */
  read(start: number, end: number): Promise<Buffer>;
}

export type Encoding = "utf8" | "base64";
