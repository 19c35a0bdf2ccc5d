/** What the demo asks the Go file server for, in this order. */
"use strict";

/** What is opened in the end: text, so that there is something to read. */
exports.shown = "/files/tides.txt";

/** @type {[target: string, init?: RequestInit][]} */
exports.requests = [
  ["/api/hello"],
  [
    "/api/echo",
    { method: "POST", body: '{"drops":[1,2,3]}', headers: { "Content-Type": "application/json" } },
  ],
  ["/files/drop.png"],
  ["/files/large.bin"],
  ["/files/none.txt"],
  [exports.shown],
];
