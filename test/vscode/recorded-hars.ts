/** HARs of others, small. */

export const kettle = "a kettle, a cup";

/** As a browser writes it. */
export const browserHar = {
  log: {
    version: "1.2",
    creator: { name: "A Browser", version: "1" },
    pages: [],
    entries: ["/shop/items", "/shop/basket"].map((path, i) => ({
      startedDateTime: `2026-01-02T03:04:0${i}.000Z`,
      time: 12.5,
      request: {
        ...{ method: "GET", url: `https://shop.test${path}`, httpVersion: "HTTP/2.0", cookies: [] },
        headers: [
          { name: "accept", value: "*/*" },
          { name: "authorization", value: "Bearer tea-time" },
          { name: "cookie", value: "session=tea-time" },
        ],
        ...{ queryString: [], headersSize: -1, bodySize: 0 },
      },
      response: {
        ...{ status: 200, statusText: "", httpVersion: "HTTP/2.0", cookies: [] },
        headers: [{ name: "content-type", value: "text/plain" }],
        content: { size: 15, mimeType: "text/plain", text: kettle },
        ...{ redirectURL: "", headersSize: -1, bodySize: -1 },
      },
      cache: {},
      timings: { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0.5, wait: 10, receive: 2 },
    })),
  },
};

export const shopProto = `syntax = "proto3"; package shop.v1;
enum Colour { NONE = 0; RED = 1; }
message Order { string name = 1; Colour colour = 2; }
service Shop { rpc Buy (Order) returns (Order); }`;

/** gRPC over gRPC-Web, as a browser's developer tools save it. */
export const grpcHar = {
  log: {
    entries: [
      {
        request: {
          method: "POST",
          url: "http://127.0.0.1:1/shop.v1.Shop/Buy",
          headers: [{ name: "content-type", value: "application/grpc-web+proto" }],
        },
        response: {
          status: 200,
          headers: [{ name: "content-type", value: "application/grpc-web+proto" }],
          content: {
            encoding: "base64",
            text: Buffer.from(
              "000000000a0a066b6574746c651001800000000f677270632d7374617475733a300d0a",
              "hex",
            ).toString("base64"),
          },
        },
      },
    ],
  },
};
