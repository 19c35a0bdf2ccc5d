// The traffic of the self-test: known bytes through loopback, by the system calls under test.
#pragma once

#include <cstdint>
#include <string>

namespace tinytap {

struct Exercise {
  uint16_t serverPort;
  std::string written;  // by write(2), client to server
  std::string served;   // by sendfile(2), server to client; as the client received it
};

Exercise exercise();

}  // namespace tinytap
