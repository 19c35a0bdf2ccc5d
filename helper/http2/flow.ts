/** What may be sent before the receiver asks for more, where it says nothing else. */
const defaultWindow = 65_535;

/** What one side sends on one stream. */
interface Sending {
  /** Bytes that it may send, beyond what every stream may at first. */
  credit: number;
  /** Since when it may send nothing; and for how long it could not, since it last sent. */
  shutSince: number | undefined;
  waited: number;
  /** Milliseconds for which it may send nothing, and then went on. */
  stalled: number;
}

/**
 * Flow control of what one side sends (RFC 9113, section 5.2): for how long it may send nothing more of a stream, as the
 * receiver had not asked for it. True only where every frame of both sides was seen. Times in kernel milliseconds.
 */
export class Flow {
  readonly #sending = new Map<number, Sending>();
  #initial = defaultWindow;
  /** Of all streams together. */
  #window = defaultWindow;

  /** A frame with so many bytes of data, padding included. `stream` 0: of one that is over. */
  sent(stream: number, bytes: number, time: number): void {
    this.#window -= bytes;
    const sending = stream > 0 ? this.#of(stream) : undefined;
    if (sending !== undefined) {
      sending.credit -= bytes;
      if (bytes > 0) {
        sending.stalled += sending.waited;
        sending.waited = 0;
      }
    }
    if (this.#window <= 0) this.#shutAll(time);
    else if (sending !== undefined) this.#shut(sending, time);
  }

  /** The receiver asks for so many bytes more of a stream; 0: of all streams together. */
  granted(stream: number, bytes: number, time: number): void {
    if (stream > 0) {
      const sending = this.#of(stream);
      sending.credit += bytes;
      this.#open(sending, time);
      return;
    }
    const wasShut = this.#window <= 0;
    this.#window += bytes;
    if (wasShut) this.#openAll(time);
  }

  /** What the receiver takes of every stream at first, also of those that are open. */
  resized(initial: number, time: number): void {
    this.#initial = initial;
    this.#shutAll(time);
    this.#openAll(time);
  }

  /** Nothing more of a stream will be sent. `time`: when it was cut off. Gives milliseconds. */
  end(stream: number, time: number | undefined): number {
    const sending = this.#sending.get(stream);
    if (sending === undefined) return 0;
    this.#sending.delete(stream);
    const { stalled, waited, shutSince } = sending;
    // What waited when it was complete waited with nothing to send.
    if (time === undefined) return stalled;
    return stalled + waited + (shutSince === undefined ? 0 : Math.max(time - shutSince, 0));
  }

  #of(stream: number): Sending {
    let sending = this.#sending.get(stream);
    if (sending === undefined) {
      sending = { credit: 0, shutSince: undefined, waited: 0, stalled: 0 };
      this.#sending.set(stream, sending);
    }
    return sending;
  }

  #isShut({ credit }: Sending): boolean {
    return this.#window <= 0 || this.#initial + credit <= 0;
  }

  #shutAll(time: number): void {
    for (const sending of this.#sending.values()) this.#shut(sending, time);
  }

  #shut(sending: Sending, time: number): void {
    if (this.#isShut(sending)) sending.shutSince ??= time;
  }

  #openAll(time: number): void {
    for (const sending of this.#sending.values()) this.#open(sending, time);
  }

  #open(sending: Sending, time: number): void {
    if (sending.shutSince === undefined || this.#isShut(sending)) return;
    sending.waited += Math.max(time - sending.shutSince, 0);
    sending.shutSince = undefined;
  }
}
