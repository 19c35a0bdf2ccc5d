#include "slabs.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "error.h"

namespace tinytap {
namespace {

constexpr size_t kLeastSlabs = 2;
constexpr size_t kMostSlabs = 65536;

// What runShort() keeps: two slabs or a 32nd of them all, but never more than a quarter.
size_t reserveOf(size_t count) { return std::min(count / 4, std::max(size_t{2}, count / 32)); }

std::atomic_ref<int32_t> atomic(int32_t& word) { return std::atomic_ref<int32_t>(word); }

}  // namespace

Slabs::Slabs(uint8_t* memory, size_t memoryBytes, int32_t* control, size_t controlWords)
    : memory_(memory), count_(memoryBytes / kSlabBytes), control_(control), reserve_(reserveOf(count_)) {
  if (memoryBytes % kSlabBytes != 0 || count_ < kLeastSlabs || count_ > kMostSlabs)
    throw Failure("slabs of 1 MiB, from 2 to 65536", EINVAL);
  if (reinterpret_cast<uintptr_t>(memory) % 8 != 0) throw Failure("slabs aligned to 8 bytes", EINVAL);
  if (controlWords < kWords + 2 * count_) throw Failure("control words, 8 and 2 per slab", EINVAL);
  for (size_t slab = count_; slab > 0; slab--) free_.push_back(static_cast<uint32_t>(slab - 1));
  held_.resize(count_);
  store(kFree, free_.size());
}

uint8_t* Slabs::append(size_t length) {
  size_t needed = kPrefixBytes + ((length + 7) & ~size_t{7});
  size_t offset = position_ % kSlabBytes;
  if (offset == 0 || needed > kSlabBytes - offset) {
    if (!enterNextSlab()) return nullptr;
    offset = 0;
  }
  uint32_t prefix[2] = {static_cast<uint32_t>(length), 0};
  memcpy(slab_ + offset, prefix, sizeof(prefix));
  position_ += needed;
  return slab_ + offset + kPrefixBytes;
}

bool Slabs::enterNextSlab() {
  takeBack();
  if (free_.empty()) return false;
  if (size_t offset = position_ % kSlabBytes; offset != 0) {
    memset(slab_ + offset, 0, kPrefixBytes);  // a record of length 0: go on in the next slab
    position_ += kSlabBytes - offset;
  }
  uint32_t slab = free_.back();
  free_.pop_back();
  held_[slab] = true;
  slab_ = memory_ + slab * kSlabBytes;
  // Overwrites what the reader has seen: had it not entered the slab of N slabs ago, no slab would be free.
  store(kWords + count_ + position_ / kSlabBytes % count_, slab);
  store(kFree, free_.size());
  return true;
}

void Slabs::takeBack() {
  uint32_t freed = static_cast<uint32_t>(atomic(control_[kFreed]).load());
  while (static_cast<uint32_t>(takenBack_) != freed) {
    size_t entry = kWords + takenBack_++ % count_;
    uint32_t slab = static_cast<uint32_t>(atomic(control_[entry]).load());
    if (slab >= count_ || !held_[slab]) throw Failure("take back a slab", EINVAL);
    held_[slab] = false;
    free_.push_back(slab);
  }
  store(kFree, free_.size());
}

void Slabs::publish(uint64_t passed) {
  takeBack();
  store(kWritten, position_ / 8);
  store(kPassed, passed / 8);
}

bool Slabs::readerWaits() { return atomic(control_[kCaughtUp]).exchange(0) == 1; }

bool Slabs::runShort() {
  if (free_.size() <= reserve_) takeBack();
  return free_.size() <= reserve_;
}

void Slabs::countShed(size_t bytes) {
  shedBytes_ += static_cast<uint32_t>(bytes);
  store(kShedBytes, shedBytes_);
  store(kShedRecords, ++shedRecords_);
}

// Sequentially consistent: see readerWaits(). Words wrap.
void Slabs::store(size_t word, uint64_t value) {
  atomic(control_[word]).store(static_cast<int32_t>(static_cast<uint32_t>(value)));
}

}  // namespace tinytap
