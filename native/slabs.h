// The memory that the draining thread shares with JavaScript: a stream of records in slabs of 1 MiB, which go
// to and fro. helper/capture/addon.ts describes the layout for its reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tinytap {

// The writer's side. One thread's, but for the constructor.
class Slabs {
 public:
  static constexpr size_t kSlabBytes = size_t{1} << 20;
  static constexpr size_t kPrefixBytes = 8;  // {u32 length, u32 zero}
  static constexpr size_t kLargestRecord = kSlabBytes - kPrefixBytes;

  // Words of `control`; behind them come the free ring and the order, a word per slab each.
  enum Word { kWritten, kPassed, kCaughtUp, kFreed, kFree, kShedBytes, kShedRecords, kReserved, kWords };

  // `memory` is 8-byte aligned. Throws Failure where a size can't be.
  Slabs(uint8_t* memory, size_t memoryBytes, int32_t* control, size_t controlWords);

  // Where the next record of the stream goes, of at most kLargestRecord bytes; nullptr when no slab is left.
  // Throws Failure where the reader gave back what it never had.
  uint8_t* append(size_t length);

  // Lets the reader see what was appended. `passed` is the ring's position up to which that is everything.
  void publish(uint64_t passed);

  // Whether the reader wants to be woken; says so once. Anything published before is either told by this or
  // seen by the reader itself, which asks to be woken first and looks then.
  bool readerWaits();

  // So few slabs are left that they are for heads and for what ends things.
  bool runShort();

  void countShed(size_t bytes);

 private:
  bool enterNextSlab();
  void takeBack();
  void store(size_t word, uint64_t value);

  uint8_t* memory_;
  size_t count_;
  int32_t* control_;
  size_t reserve_;
  std::vector<uint32_t> free_;  // the last is the one to take: the newest, which is still in the cache
  std::vector<bool> held_;      // by slab: not in free_
  uint64_t takenBack_ = 0;      // entries read of the free ring
  uint64_t position_ = 0;       // in the stream, in bytes
  uint8_t* slab_ = nullptr;     // the one that position_ is in
  uint32_t shedBytes_ = 0;
  uint32_t shedRecords_ = 0;
};

}  // namespace tinytap
