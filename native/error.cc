#include "error.h"

#include <napi.h>

#include <cerrno>
#include <cstring>

namespace tinytap {

Failure::Failure(std::string operation, int error, std::string log)
    : std::runtime_error(operation + ": " + strerror(error)),
      operation(std::move(operation)),
      error(error),
      log(std::move(log)) {}

Napi::Error Failure::toJavaScript(Napi::Env env) const {
  Napi::Error thrown = Napi::Error::New(env, what());
  const char* name = strerrorname_np(error);
  thrown.Set("operation", operation);
  thrown.Set("code", name ? name : "UNKNOWN");
  thrown.Set("errno", static_cast<double>(error));
  if (!log.empty()) thrown.Set("log", log);
  return thrown;
}

int checked(const char* operation, int result) {
  if (result == -1) throw Failure(operation, errno);
  return result;
}

}  // namespace tinytap
