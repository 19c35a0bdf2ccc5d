// Failures as JavaScript sees them: an Error with `operation`, `code`, `errno` and, where libbpf had more to
// say, `log`.
#pragma once

#include <stdexcept>
#include <string>

// Only error.cc and addon.cc need to see Node: the rest is built and tested without it.
namespace Napi {
class Env;
class Error;
}  // namespace Napi

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
