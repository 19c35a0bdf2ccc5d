/** TLS 1.2 records by Node's own crypto, with keys that both ends know: the peer of a socket whose kernel does the TLS. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** test/servers/c/tls.c has the same. */
const key = Buffer.alloc(16, 0x11);
const salts = { received: Buffer.alloc(4, 0x22), sent: Buffer.alloc(4, 0x33) };

const headerBytes = 5;
const nonceBytes = 8;
const tagBytes = 16;
const largestRecord = 16_384;
const applicationData = 23;

export class TlsRecords extends Duplex {
  readonly #socket: Socket;
  #rest = Buffer.alloc(0);
  #received = 0n;
  #sent = 0n;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
  }

  /** What an HTTP agent asks of a socket. */
  setKeepAlive(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const records: Buffer[] = [];
    for (let at = 0; at < chunk.length; at += largestRecord)
      records.push(this.#seal(chunk.subarray(at, at + largestRecord)));
    this.#socket.write(Buffer.concat(records), done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= headerBytes) {
      const end = headerBytes + this.#rest.readUInt16BE(3);
      if (this.#rest.length < end) break;
      if (!this.push(this.#open(this.#rest.subarray(headerBytes, end)))) this.#socket.pause();
      this.#rest = this.#rest.subarray(end);
    }
  }

  #open(record: Buffer): Buffer {
    const nonce = record.subarray(0, nonceBytes);
    const sealed = record.subarray(nonceBytes, -tagBytes);
    const cipher = createDecipheriv("aes-128-gcm", key, Buffer.concat([salts.received, nonce]));
    cipher.setAAD(additional(this.#received++, sealed.length));
    cipher.setAuthTag(record.subarray(-tagBytes));
    return Buffer.concat([cipher.update(sealed), cipher.final()]);
  }

  #seal(plain: Buffer): Buffer {
    const nonce = Buffer.alloc(nonceBytes);
    nonce.writeBigUInt64BE(this.#sent);
    const cipher = createCipheriv("aes-128-gcm", key, Buffer.concat([salts.sent, nonce]));
    cipher.setAAD(additional(this.#sent++, plain.length));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    const body = Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
    return Buffer.concat([header(body.length), body]);
  }
}

function header(length: number): Buffer {
  return Buffer.from([applicationData, 3, 3, length >> 8, length & 0xff]);
}

/** RFC 5246, 6.2.3.3: the sequence number, and the header of the plain record. */
function additional(sequence: bigint, length: number): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(sequence);
  return Buffer.concat([number, header(length)]);
}
