// A crafted ring, slabs, and what brings the one into the other. Every byte outside of the records is
// poisoned: AddressSanitizer then proves that nothing is read past a record, whatever the record says, and
// nothing written past the slabs.
#pragma once

#include "../../native/appender.h"
#include "../../native/ring.h"
#include "../../native/slabs.h"
#include "crafted_ring.h"

namespace tinytap {

inline constexpr size_t kSlab = Slabs::kSlabBytes;

struct Bench {
  explicit Bench(size_t slabs = 2, uint64_t beginAt = 0, size_t ringBytes = 16384)
      : crafted(ringBytes), reader(slabs) {
    crafted.begin(beginAt);
    crafted.poisonForReader();
    appender = std::make_unique<Appender>(ring, writer);
    CHECK(reader.load(Slabs::kPassed) == static_cast<uint32_t>(beginAt / 8));
  }
  ~Bench() { crafted.unpoison(); }

  // Until nothing more comes; what the last step said.
  Appender::Progress append() {
    Appender::Progress progress;
    do progress = appender->append(crafted.position());
    while (progress == Appender::kSome);
    CHECK(reader.load(Slabs::kPassed) == static_cast<uint32_t>(crafted.consumed() / 8));
    crafted.poisonConsumed();
    return progress;
  }

  // The error that appending ends in; 0 for none.
  int appendError() {
    try {
      append();
      return 0;
    } catch (const Failure& failure) {
      return failure.error;
    }
  }

  CraftedRing crafted;
  SlabReader reader;
  Ring ring{crafted.fd(), crafted.size()};
  Slabs writer = reader.writer();
  std::unique_ptr<Appender> appender;
};

inline Bytes firstBytes(const Bytes& bytes, size_t count) {
  return Bytes(bytes.begin(), bytes.begin() + count);
}

}  // namespace tinytap
