/** What a connection that isn't HTTP speaks, by the first bytes of a direction. */

const words: [RegExp, string][] = [
  [/^SSH-[12]\./, "SSH"],
  [/^(?:\*\d+\r\n\$\d+\r\n|[+-](?:OK|PONG|ERR|NOAUTH|WRONGPASS)\b[^\r\n]*\r\n)/, "Redis"],
  [/^AMQP[\0-\x03]/, "AMQP"],
  [/^(?:INFO \{"server_id"|CONNECT \{")/, "NATS"],
  [/^(?:220|EHLO|HELO)[ -].*(?:SMTP|\r\n$)/i, "SMTP"],
  [
    /^(?:(?:get|gets|set|add|delete|incr|touch|stats|version)\b[^\r\n]*\r\n|VALUE \S+ \d+ \d+\r\n|STORED\r\n)/,
    "memcached",
  ],
  [/^\0AUTH /, "D-Bus"],
  [/^(?:B\0\0\x0b|l\0\x0b\0)/, "X11"],
  [/^\x10[^]{1,4}\0\x04MQTT/, "MQTT"],
  [/^\x05[\x01-\x05]\0/, "SOCKS"],
];

/** PostgreSQL's requests that come first: start-up in version 3, and those for TLS, for GSSAPI, to cancel. */
const postgres = [0x0003_0000, 0x0003_0002, 80_877_103, 80_877_104, 80_877_102];
/** MongoDB's messages: OP_REPLY, OP_QUERY, OP_COMPRESSED, OP_MSG. */
const mongo = [1, 2004, 2012, 2013];

/** `bytes`: those of a direction's first call, or of the first after the capture began. Undefined: none that is known here. */
export function nameOf(bytes: Buffer): string | undefined {
  const { length } = bytes;
  // A record's type, and the versions that are written there, whatever is spoken.
  if (length >= 5 && bytes[0]! >= 20 && bytes[0]! <= 24 && bytes[1] === 3 && bytes[2]! <= 4) return "TLS";
  if (length >= 8 && bytes.readUInt32BE(0) >= 8 && bytes.readUInt32BE(0) < 10_000)
    if (postgres.includes(bytes.readUInt32BE(4))) return "PostgreSQL";
  if (length >= 16 && bytes.readUInt32LE(0) >= 16 && mongo.includes(bytes.readUInt32LE(12)))
    if (bytes.readUInt32LE(0) <= 48_000_000) return "MongoDB";
  // A greeting: its length, its number, the protocol's version 10, the server's.
  if (length >= 7 && bytes[3] === 0 && bytes[4] === 10 && bytes[5]! >= 0x30 && bytes[5]! <= 0x39)
    return "MySQL";
  const text = bytes.toString("latin1", 0, 64);
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? (isFramed(bytes) ? socket : undefined);
}

/** What was agreed on with it (a compression, a protocol) passed before the capture: its messages can't be read. */
const socket = "WebSocket begun before the capture";
/** First bytes of whole messages (text, binary, compressed or not), and of a ping and a pong. */
const frameStarts = new Set([0x81, 0x82, 0xc1, 0xc2, 0x89, 0x8a]);

/** Frames of a WebSocket (RFC 6455, section 5.2), the last of which ends where the bytes do. */
function isFramed(bytes: Buffer): boolean {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const second = bytes[at + 1]!;
    const short = second & 0x7f;
    if (!frameStarts.has(bytes[at]!) || short === 127) return false;
    const [length, size] =
      short < 126 ? [short, 0] : [at + 4 <= bytes.length ? bytes.readUInt16BE(at + 2) : 0, 2];
    // The shortest form has to be used.
    if (size > 0 && length < 126) return false;
    at += 2 + size + (second >= 0x80 ? 4 : 0) + length;
  }
  return at > 0 && at === bytes.length;
}
