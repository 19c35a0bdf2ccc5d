#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace tinytap {

// A mapping of a descriptor's memory, unmapped at its end.
class Mapping {
 public:
  Mapping(int fd, size_t length, int protection, off_t offset);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  uint8_t* data() const { return data_; }

 private:
  uint8_t* data_;
  size_t length_;
};

}  // namespace tinytap
