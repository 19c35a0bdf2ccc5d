/** Takes out of an exchange what lets others in: the values of headers; bodies and targets stay as they are. */
import type { Exchange, Header } from "../protocol/exchange.ts";

/** Instead of a value. */
export const redaction = "(redacted)";

const secret = new Set([
  ...["authorization", "proxy-authorization", "authentication-info", "proxy-authentication-info"],
  ...["cookie", "set-cookie", "cookie2", "set-cookie2"],
  ...[
    "api-key",
    "apikey",
    "x-amz-security-token",
    "x-goog-iap-jwt-assertion",
    "private-token",
    "deploy-token",
  ],
  ...["x-forwarded-client-cert", "sec-websocket-key"],
]);
/** Names that vendors give, e.g. `X-Api-Key`, `X-CSRF-Token`, `Ocp-Apim-Subscription-Key`. */
const secretEnd =
  /(?:^|-)(?:(?:api|access|subscription|functions|secret)-?key|token|secret|password|passwd|credentials?|session(?:-?id)?|jwt|auth|signature)$/;

export function redacted(exchange: Exchange): Exchange {
  const { request, response, interim } = exchange;
  return {
    ...exchange,
    ...(request && { request: withoutSecrets(request) }),
    ...(response && { response: withoutSecrets(response) }),
    ...(interim && { interim: interim.map(withoutSecrets) }),
  };
}

function withoutSecrets<Message extends { headers: Header[]; trailers?: Header[] }>(
  message: Message,
): Message {
  const { headers, trailers } = message;
  return {
    ...message,
    headers: headers.map(withoutSecret),
    ...(trailers && { trailers: trailers.map(withoutSecret) }),
  };
}

function withoutSecret(header: Header): Header {
  const [name] = header;
  const lower = name.trim().toLowerCase();
  return secret.has(lower) || secretEnd.test(lower) ? [name, redaction] : header;
}
