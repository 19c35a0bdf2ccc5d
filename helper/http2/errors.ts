/** Error codes' names (RFC 9113, section 7). */
const names = [
  ...[
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
  ],
  ...[
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
  ],
  ...["INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"],
];

/** `code`: -1 if it was lost. */
export function errorName(code: number): string {
  return names[code] ?? (code < 0 ? "unknown" : `0x${code.toString(16)}`);
}
