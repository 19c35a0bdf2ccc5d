// What goes wrong, with the name of what was tried. guarded.h makes it JavaScript's; the rest is built and
// tested without Node.
#pragma once

#include <stdexcept>
#include <string>

namespace tinytap {

struct Failure : std::runtime_error {
  Failure(std::string operation, int error, std::string log = "");

  std::string operation;
  int error;  // positive errno
  std::string log;
};

// `result` as it came, unless it is -1: then errno becomes a Failure.
int checked(const char* operation, int result);

}  // namespace tinytap
