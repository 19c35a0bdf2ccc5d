/** What is likely to mean something to who reads the bytes: a fuzzer would be long in finding it. */

function words(...texts: string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text, "latin1"));
}

/** Three bytes each: see Program. */
export const streamWords = Array.from({ length: 11 }, (_, what) => Buffer.of(what, 40, 129));

/** See Conversation. */
const commands = words(
  ...[
    "þ<",
    "þ>",
    "þ.",
    "þ|",
    "þ-\x05",
    "þ-\x80",
    "þ*\x20",
    "þ*\xff",
    "þ!",
    "þ^",
    "þ$\x09",
    "þ~\x09",
    "þ?",
    "þr\x01",
  ],
  ...[
    "þn\x01",
    "þN",
    "þx",
    "þc",
    "þ]",
    "þt\x10",
    "þt\x30",
    "þt\xff",
    "þe",
    "þk",
    "þg\x03",
    "þd\x02",
    "þp\x01",
    "þu\x01",
  ],
);

export const http1Words = [
  ...commands,
  ...words(
    ...["GET / HTTP/1.1\r\n\r\n", "HEAD / HTTP/1.1\r\n\r\n", "POST /x HTTP/1.1\r\nContent-Length: 7\r\n\r\n"],
    ...[
      "PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\n\r\n",
    ],
    ...[
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 100 Continue\r\n\r\n",
      "HTTP/1.1 101 S\r\n\r\n",
      "HTTP/1.1 204 No\r\n\r\n",
    ],
    ...[
      "HTTP/1.0 200\r\n\r\n",
      "Content-Length: 5\r\n",
      "Content-Length: 999999999999999\r\n\r\n",
      "Content-Length: -1\r\n",
    ],
    ...[
      "Transfer-Encoding: chunked\r\n",
      "Transfer-Encoding: gzip\r\n",
      "Connection: close\r\n",
      "Connection: upgrade\r\n",
    ],
    ...[
      "Upgrade: h2c\r\n",
      "\r\n",
      "\r\n\r\n",
      "\n\n",
      "5\r\nhello\r\n",
      "0\r\n\r\n",
      "fffffffffffff\r\n",
      " folded\r\n",
      ": :\r\n",
    ],
    ...["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\0\x04\0\0\0\0\0", "\x16\x03\x01", "SSH-2.0-", "\0"],
  ),
];

/** Frames, of which Conversation writes the lengths; and parts of header blocks. */
export const http2Words = [
  ...commands,
  ...words(
    ...[
      "þh\0\0\x01",
      "þh\0\x01\x01",
      "þh\x01\x05\x01",
      "þh\x01\x04\x01",
      "þh\x01\0\x03",
      "þh\x03\0\x01\0\0\0\x08",
    ],
    ...[
      "þh\x04\0\0",
      "þh\x04\x01\0",
      "þh\x05\x04\x01\0\0\0\x02",
      "þh\x07\0\0\0\0\0\0\0\0\0\0",
      "þh\x08\0\0\0\0\0\x01",
      "þh\x09\x04\x01",
    ],
    ...[
      "\x82\x86\x84\x41\x01h",
      "\x88",
      "\x48\x03103",
      "\x5c\x015",
      "\xbe",
      "\xbf",
      "\x40\x01a\x01b",
      "\0\x01a\x81\x1f",
      "\x3f\xe1\x1f",
      "\x20",
    ],
    ...["\x7f\x01", "\x0f\x2f\x01x", "\x10\x01k\x01v", "\xff\xff\xff\xff\x0f", "\x02ab\0\0"],
  ),
];

export const websocketWords = words(
  ...[
    "\x81\x01a",
    "\x01\x01a",
    "\0\x01a",
    "\x80\x01a",
    "\x81\x81\0\0\0\0a",
    "\x89\0",
    "\x88\x02\x03\xe8",
    "\xc1\x02\x4a\0",
  ],
  ...["\x82\x7e\0\x80", "\x82\x7f\0\0\0\0\0\x01\0\0", "\x82\xfe\xff\xff"],
);

export const grpcWords = words(
  ...[
    "\0\0\0\0\x02\x08\x01",
    "\x01\0\0\0\x01",
    "\x80\0\0\0\0",
    "\x08\x96\x01",
    "\x12\x02",
    "\x1a\x02\x08\x01",
    "\x25\0\0\0\0",
  ],
  ...["\x29\0\0\0\0\0\0\0\0", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x0b"],
);

export const eventStreamWords = words(
  "data: a\n",
  "data",
  "id: 1\n",
  "event: b\n",
  "retry: 5\n",
  ": c\n",
  "\n",
  "\r",
  "\r\n",
  "\xef\xbb\xbf",
  "\0",
);

export const multipartWords = words(
  ...[
    "--X\r\n",
    "--X--\r\n",
    "\r\n--X",
    "--Y\r\n",
    "\r\n",
    "\n",
    "\r\n\r\n",
    "multipart/mixed; boundary=X\n",
    "boundary=",
    '"',
    "\\",
    "; ",
  ],
  ...[
    "Content-Type: multipart/mixed; boundary=Y\r\n",
    "Content-Disposition: form-data; name=a; filename*=UTF-8''%C3\r\n",
    " folded",
  ],
);

export const jsonWords = words(
  ...[
    '"',
    "\\",
    "\\u00e9",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '{"a":1}',
    "[1]",
    "null",
    "-1e5",
    "\n",
    "\x1e",
    " ",
    '"a":',
    '""',
    "{}",
    "[]",
  ],
);

export const msgpackWords = words(
  ...[
    "\x81\xa1a\x01",
    "\x93",
    "\xc4\x01a",
    "\xc7\x01\x05x",
    "\xca\0\0\0\0",
    "\xcf\0\0\0\0\0\0\0\x01",
    "\xd6\xff\0\0\0\0",
    "\xd9\x01a",
  ],
  ...[
    "\xdc\0\x01",
    "\xdd\0\0\0\x01",
    "\xde\0\x01",
    "\xdf\0\0\0\x01",
    "\xdd\xff\xff\xff\xff",
    "\xd7\xff\xff\xff\xff\xff\xff\xff\xff\xff",
  ],
);

export const cborWords = words(
  ...[
    "\xa1\x61a\x01",
    "\x83",
    "\x41a",
    "\x61a",
    "\x9f",
    "\xbf",
    "\x5f",
    "\x7f",
    "\xff",
    "\xc1\x1a\0\0\0\0",
    "\xd8\x18",
    "\xfb\0\0\0\0\0\0\0\0",
  ],
  ...[
    "\xf9\x7e\0",
    "\xf7",
    "\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    "\xbb\0\0\0\0\0\0\0\x01",
    "\xc2\x41\x01",
    "\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
  ],
);

export const formWords = words("a=b", "&", "=", "%", "%C3%A9", "%zz", "+", "?", "#");

export const graphqlWords = words(
  ...[
    '{"query":"{a}"}',
    '{"query":"',
    '"operationName":"A"',
    '"variables":',
    '"extensions":{"persistedQuery":{}}',
    "query A",
    "mutation",
    "subscription",
  ],
  ...["{", "}", "(", ")", '"', '"""', '\\"', "\\", "#", "\n", "fragment F on T", "?query=", "&extensions={}"],
);

export const kindWords = words(
  ...[
    "\x89PNG\r\n\x1a\n",
    "GIF89a",
    "\xff\xd8\xff",
    "RIFF",
    "WEBP",
    "VP8 ",
    "VP8L",
    "VP8X",
    "BM",
    "ftypavif",
    "\0\0\x01\0",
  ],
  ...[
    "application/json\n",
    "text/html; charset=utf-16\n",
    "image/png\n",
    "<?xml encoding='",
    "<meta charset=",
    "<!--",
    "-->",
    "<html>",
    "\xfe\xff",
    "\xff\xfe",
    "\xef\xbb\xbf",
    '{"a":1}\n',
  ],
);
