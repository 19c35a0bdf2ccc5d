// Failures as JavaScript sees them: an Error with `operation`, `code`, `errno` and, where libbpf had more to
// say, `log`.
#pragma once

#include <napi.h>

#include <stdexcept>
#include <string>

namespace tinytap {

struct Failure : std::runtime_error {
  Failure(std::string operation, int error, std::string log = "");

  Napi::Error toJavaScript(Napi::Env env) const;

  std::string operation;
  int error;  // positive errno
  std::string log;
};

// `result` as it came, unless it is -1: then errno becomes a Failure.
int checked(const char* operation, int result);

}  // namespace tinytap
