import assert from "node:assert/strict";
import { isNativeError, type NativeError } from "../../helper/capture/addon.ts";

/** What of the addon's `body` throws. */
export function failureOf(body: () => unknown): NativeError {
  try {
    body();
  } catch (error) {
    assert.ok(isNativeError(error), String(error));
    return error;
  }
  return assert.fail("nothing was thrown");
}
