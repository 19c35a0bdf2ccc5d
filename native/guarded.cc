#include "guarded.h"

#include <cstring>

namespace tinytap {

Napi::Error toJavaScript(Napi::Env env, const Failure& failure) {
  Napi::Error thrown = Napi::Error::New(env, failure.what());
  const char* name = strerrorname_np(failure.error);
  thrown.Set("operation", failure.operation);
  thrown.Set("code", name ? name : "UNKNOWN");
  thrown.Set("errno", static_cast<double>(failure.error));
  if (!failure.log.empty()) thrown.Set("log", failure.log);
  return thrown;
}

}  // namespace tinytap
