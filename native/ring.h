// The kernel's ring buffer, read by hand: before 5.19 an unprivileged process may not make libbpf's bpf()
// calls.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mapping.h"

namespace tinytap {

// Positions are the kernel's: they count the bytes since the ring was made, and never wrap.
class Ring {
 public:
  // `size` in bytes, as the ring was made. Throws Failure where `fd` is no ring of that size.
  Ring(int fd, size_t size);

  struct Record {
    enum State { kBusy, kDiscarded, kWhole } state;  // busy: the kernel is still writing it
    uint64_t position;                               // of its bytes
    size_t length;
    uint64_t next;  // position of the record after it
  };

  // The record at `position`, which is below `end`, and that no further than produced(). Throws EBADMSG where
  // there can't be one.
  Record at(uint64_t position, uint64_t end) const;

  // Copies bytes of a record that is whole.
  void copy(uint64_t position, size_t length, uint8_t* to) const;

  // Gives the kernel back what lies before `position`.
  void release(uint64_t position);

  uint64_t produced() const { return __atomic_load_n(producedWord(), __ATOMIC_ACQUIRE); }
  uint64_t consumed() const { return __atomic_load_n(consumedWord(), __ATOMIC_ACQUIRE); }
  int fd() const { return fd_; }

 private:
  uint64_t* consumedWord() const { return reinterpret_cast<uint64_t*>(consumer_.data()); }
  uint64_t* producedWord() const { return reinterpret_cast<uint64_t*>(producer_.data()); }
  const uint8_t* data() const;

  int fd_;
  size_t size_;
  Mapping consumer_;
  Mapping producer_;
};

}  // namespace tinytap
