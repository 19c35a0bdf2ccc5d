/** Rows of every kind that a table shows. */
import type { ExchangeSummary } from "../../../protocol/exchange.ts";
import { summary } from "../extension/summaries.ts";

const json = "application/json";
const samples: Partial<ExchangeSummary>[] = [
  {
    method: "GET",
    target: "/",
    status: 200,
    contentType: "text/html; charset=utf-8",
    size: 6200,
    responseStart: 4,
    duration: 5,
  },
  {
    method: "GET",
    target: "/static/app.css",
    status: 200,
    contentType: "text/css",
    size: 18_000,
    responseStart: 1,
    duration: 3,
  },
  {
    method: "GET",
    target: "/api/products?page=2&sort=price",
    status: 200,
    contentType: json,
    size: 18_000,
    missing: 4096,
    responseStart: 20,
    duration: 38,
  },
  {
    method: "GET",
    target: "/v1/stock?sku=TEA-0412",
    role: "client",
    host: "inventory.internal.example:9090",
    status: 200,
    contentType: json,
    size: 312,
    responseStart: 1.7,
    duration: 1.8,
  },
  {
    method: "POST",
    target: "/api/checkout",
    status: 500,
    contentType: json,
    size: 196,
    responseStart: 11,
    duration: 12,
  },
  {
    method: "POST",
    target: "/v1/reserve",
    role: "client",
    host: "inventory.internal.example:9090",
    status: 409,
    contentType: json,
    size: 74,
    responseStart: 3,
    duration: 3.1,
  },
  {
    method: "GET",
    target: "/api/wishlist",
    status: 404,
    contentType: json,
    size: 27,
    responseStart: 0.8,
    duration: 0.9,
  },
  {
    method: "GET",
    target: "/files/catalog-2026.tar",
    status: 200,
    contentType: "application/x-tar",
    size: 67e6,
    missing: 4_300_000,
    bySendfile: true,
    responseStart: 3,
    duration: 190,
  },
  { method: "GET", target: "/api/search", state: "closed", duration: 40 },
  {
    method: "GET",
    target: "/api/reports/daily",
    status: 200,
    state: "reset",
    size: 4096,
    responseStart: 10,
    duration: 90,
  },
  { method: "GET", target: "/ws/support", status: 101, state: "in-flight", responseStart: 2 },
  {
    method: "GET",
    target: "/api/events",
    status: 200,
    contentType: "text/event-stream",
    state: "in-flight",
    size: 9400,
    responseStart: 2,
  },
  { method: "PUT", target: "/api/cart/items/1", status: 204, responseStart: 2.4, duration: 2.4 },
  { state: "lost" },
];

/** Begun one after the other, until now. */
export function rowsOfSamples(): ExchangeSummary[] {
  const now = Date.now();
  return samples.map((fields, i) =>
    summary(i + 1, { host: "localhost:8080", start: now - 400 + 20 * i, ...fields }),
  );
}
