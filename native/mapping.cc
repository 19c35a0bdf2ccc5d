#include "mapping.h"

#include <sys/mman.h>

#include <cerrno>

#include "error.h"

namespace tinytap {

Mapping::Mapping(int fd, size_t length, int protection, off_t offset) : length_(length) {
  void* data = mmap(nullptr, length, protection, MAP_SHARED, fd, offset);
  if (data == MAP_FAILED) throw Failure("mmap", errno);
  data_ = static_cast<uint8_t*>(data);
}

Mapping::~Mapping() { munmap(data_, length_); }

}  // namespace tinytap
