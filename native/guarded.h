// Failures as JavaScript sees them: an Error with `operation`, `code`, `errno` and, where libbpf had more to
// say, `log`.
#pragma once

#include <napi.h>

#include "error.h"

namespace tinytap {

Napi::Error toJavaScript(Napi::Env env, const Failure& failure);

// Every function of the addon runs in here, so that no C++ exception reaches JavaScript as anything but an
// Error.
template <typename Body>
auto guarded(Napi::Env env, Body body) {
  try {
    return body();
  } catch (const Failure& failure) {
    throw toJavaScript(env, failure);
  }
}

}  // namespace tinytap
