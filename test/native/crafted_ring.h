// What the tests of the draining thread share: a ring of our own making, its records, and a reader of the
// slabs that does as JavaScript does.
#pragma once

#include <linux/bpf.h>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "../../bpf/records.h"
#include "../../native/error.h"
#include "../../native/slabs.h"

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "%s:%d: not %s\n", __FILE_NAME__, __LINE__, #condition); \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

namespace tinytap {

using Bytes = std::vector<uint8_t>;

inline size_t aligned(size_t length) { return (length + 7) & ~size_t{7}; }

inline Bytes recordOf(uint8_t kind, size_t size) {
  Bytes bytes(size);
  if (size > 0) bytes[0] = kind;
  return bytes;
}

// `room` as the kernel reserved it, of which `len` bytes are payload.
inline Bytes segmentOf(size_t room, uint32_t len, uint8_t flags = 0) {
  Bytes bytes = recordOf(RECORD_SEGMENT, sizeof(segment) + room);
  bytes[offsetof(record, flags)] = flags;
  memcpy(bytes.data() + offsetof(segment, len), &len, sizeof(len));
  for (size_t i = sizeof(segment); i < bytes.size(); i++) bytes[i] = static_cast<uint8_t>(i * 7 + len);
  return bytes;
}

// A ring as the kernel lays it out, in memory of our own. Every byte of it outside of the records is poisoned
// for whoever maps it by its descriptor.
class CraftedRing {
 public:
  explicit CraftedRing(size_t size)
      : size_(size), fd_(checked("memfd_create", memfd_create("crafted-ring", 0))) {
    checked("ftruncate", ftruncate(fd_, static_cast<off_t>(length())));
    memory_ = static_cast<uint8_t*>(mmap(nullptr, length(), PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0));
  }
  ~CraftedRing() {
    munmap(memory_, length());
    close(fd_);
  }
  CraftedRing(const CraftedRing&) = delete;
  CraftedRing& operator=(const CraftedRing&) = delete;

  int fd() const { return fd_; }
  size_t size() const { return size_; }
  uint64_t position() const { return position_; }
  uint64_t consumed() const {
    return __atomic_load_n(reinterpret_cast<uint64_t*>(memory_), __ATOMIC_ACQUIRE);
  }
  size_t room() const { return size_ - (position_ - consumed()); }

  // Lets `position` be the next, as if all before had been read.
  void begin(uint64_t position) {
    position_ = position;
    __atomic_store_n(reinterpret_cast<uint64_t*>(memory_), position, __ATOMIC_RELEASE);
    __atomic_store_n(producer(), position, __ATOMIC_RELEASE);
  }

  // Where the reader has the data: it keeps that to itself, the kernel doesn't. From now on it is poisoned.
  void poisonForReader() {
    FILE* maps = fopen("/proc/self/maps", "r");
    char line[512];
    while (fgets(line, sizeof(line), maps)) {
      uintptr_t start, offset;
      char permissions[8];
      if (sscanf(line, "%" SCNxPTR "-%*x %7s %" SCNxPTR, &start, permissions, &offset) != 3) continue;
      if (strstr(line, "crafted-ring") && offset == kPage && permissions[1] == '-')
        seen_ = reinterpret_cast<uint8_t*>(start) + kPage;
    }
    fclose(maps);
    CHECK(seen_);
    ASAN_POISON_MEMORY_REGION(seen_, size_);
  }

  // Adds a record; `header` may lie about its length, or say that it is busy or discarded.
  void add(const Bytes& bytes, uint32_t header) {
    CHECK(aligned(8 + bytes.size()) <= room());
    Bytes whole(8 + bytes.size());
    if (!bytes.empty()) memcpy(whole.data() + 8, bytes.data(), bytes.size());
    size_t at = position_ & (size_ - 1);
    size_t toEnd = std::min(whole.size(), size_ - at);
    memcpy(data() + at, whole.data(), toEnd);
    memcpy(data(), whole.data() + toEnd, whole.size() - toEnd);
    if (seen_) ASAN_UNPOISON_MEMORY_REGION(seen_ + at, toEnd);
    if (seen_) ASAN_UNPOISON_MEMORY_REGION(seen_, whole.size() - toEnd);
    uint64_t from = position_;
    position_ += aligned(whole.size());
    setHeader(from, header);
    __atomic_store_n(producer(), position_, __ATOMIC_RELEASE);
  }
  void add(const Bytes& bytes) { add(bytes, static_cast<uint32_t>(bytes.size())); }

  // Of the record that was added at `position`.
  void setHeader(uint64_t position, uint32_t header) {
    __atomic_store_n(reinterpret_cast<uint32_t*>(data() + (position & (size_ - 1))), header,
                     __ATOMIC_RELEASE);
  }

  // What has been read is no record any more.
  void poisonConsumed() {
    for (; poisoned_ < consumed(); poisoned_ += 8)
      ASAN_POISON_MEMORY_REGION(seen_ + (poisoned_ & (size_ - 1)), 8);
  }

  // For whoever unmaps it: the addresses may be somebody else's next.
  void unpoison() { ASAN_UNPOISON_MEMORY_REGION(seen_, size_); }

 private:
  static inline const size_t kPage = static_cast<size_t>(sysconf(_SC_PAGESIZE));

  size_t length() const { return 2 * kPage + 2 * size_; }
  uint64_t* producer() const { return reinterpret_cast<uint64_t*>(memory_ + kPage); }
  uint8_t* data() const { return memory_ + 2 * kPage; }

  size_t size_;
  int fd_;
  uint8_t* memory_;
  uint8_t* seen_ = nullptr;
  uint64_t position_ = 0;
  uint64_t poisoned_ = 0;
};

// The shared memory, and a reader that follows what is written there.
class SlabReader {
 public:
  explicit SlabReader(size_t slabs)
      : slabs_(slabs),
        memory_(std::make_unique_for_overwrite<uint64_t[]>(slabs * Slabs::kSlabBytes / 8)),
        control_(Slabs::kWords + 2 * slabs) {}

  Slabs writer() { return Slabs(bytes(), slabs_ * Slabs::kSlabBytes, control_.data(), control_.size()); }

  uint32_t load(size_t word) { return static_cast<uint32_t>(atomic(word).load()); }
  void store(size_t word, uint32_t value) { atomic(word).store(static_cast<int32_t>(value)); }
  uint8_t* slab(uint32_t number) { return bytes() + number * Slabs::kSlabBytes; }

  // The records up to `written`. The slabs that it leaves gather in `left`.
  std::vector<Bytes> read() {
    std::vector<Bytes> records;
    uint32_t ahead = load(Slabs::kWritten) - static_cast<uint32_t>(position_ / 8);
    for (uint64_t end = position_ + uint64_t{ahead} * 8; position_ < end;) {
      uint64_t k = position_ / Slabs::kSlabBytes;
      uint32_t number = load(Slabs::kWords + slabs_ + k % slabs_);
      CHECK(number < slabs_);
      size_t offset = position_ % Slabs::kSlabBytes;
      uint32_t prefix[2];
      memcpy(prefix, slab(number) + offset, sizeof(prefix));
      CHECK(prefix[1] == 0);
      if (prefix[0] == 0) {
        position_ = (k + 1) * Slabs::kSlabBytes;
      } else {
        CHECK(aligned(prefix[0]) <= Slabs::kSlabBytes - offset - 8);
        uint8_t* from = slab(number) + offset + 8;
        records.emplace_back(from, from + prefix[0]);
        position_ += 8 + aligned(prefix[0]);
      }
      if (position_ % Slabs::kSlabBytes == 0) left.push_back(number);
    }
    return records;
  }

  void free(uint32_t number) {
    uint32_t freed = load(Slabs::kFreed);
    store(Slabs::kWords + freed % slabs_, number);
    store(Slabs::kFreed, freed + 1);
  }

  void freeAllLeft() {
    for (uint32_t number : left) free(number);
    left.clear();
  }

  uint64_t position() const { return position_; }

  std::vector<uint32_t> left;

 private:
  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(memory_.get()); }
  std::atomic_ref<int32_t> atomic(size_t word) { return std::atomic_ref<int32_t>(control_[word]); }

  size_t slabs_;
  std::unique_ptr<uint64_t[]> memory_;
  std::vector<int32_t> control_;
  uint64_t position_ = 0;
};

}  // namespace tinytap
