#include "error.h"

#include <cerrno>
#include <cstring>

namespace tinytap {

Failure::Failure(std::string operation, int error, std::string log)
    : std::runtime_error(operation + ": " + strerror(error)),
      operation(std::move(operation)),
      error(error),
      log(std::move(log)) {}

int checked(const char* operation, int result) {
  if (result == -1) throw Failure(operation, errno);
  return result;
}

}  // namespace tinytap
