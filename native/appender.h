// Brings records from the ring into the slabs, and judges them on the way.
#pragma once

#include <atomic>
#include <cstdint>

#include "ring.h"
#include "slabs.h"

namespace tinytap {

class Appender {
 public:
  Appender(Ring& ring, Slabs& slabs);

  enum Progress { kNothing, kSome, kNoRoom };

  // Moves some records that lie before `end` in the ring, and publishes them. kNothing: there are none, or
  // the next is still being written. kNoRoom: there are some, and no slab. Throws Failure where the ring or
  // the slabs' reader does what can't be.
  Progress append(uint64_t end);

  // Records refused: of unknown kind, or of a length that can't be. Any thread may ask.
  uint64_t bad() const { return bad_; }

 private:
  bool take(const Ring::Record& record);

  Ring& ring_;
  Slabs& slabs_;
  uint64_t position_;  // in the ring
  std::atomic<uint64_t> bad_ = 0;
};

}  // namespace tinytap
