// Feeds Ring::drain crafted rings, with every byte outside of the records poisoned: AddressSanitizer then
// proves that nothing is read past a record, whatever the record says, and nothing written past the buffer.
#include "../../native/ring.h"

#include <linux/bpf.h>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "../../bpf/records.h"
#include "../../native/error.h"

namespace tinytap {

// native/error.cc without its half for JavaScript.
Failure::Failure(std::string operation, int error, std::string)
    : std::runtime_error(operation), operation(std::move(operation)), error(error) {}

int checked(const char* operation, int result) {
  if (result == -1) throw Failure(operation, errno);
  return result;
}

}  // namespace tinytap

namespace {

using tinytap::Ring;

constexpr size_t kSize = 16384;
const size_t kPage = static_cast<size_t>(sysconf(_SC_PAGESIZE));

#define CHECK(condition)                                          \
  do {                                                            \
    if (!(condition)) {                                           \
      fprintf(stderr, "line %d: not %s\n", __LINE__, #condition); \
      exit(1);                                                    \
    }                                                             \
  } while (0)

// A ring as the kernel lays it out, in memory of our own; its data begins again behind its end, as the kernel
// maps it.
class Crafted {
 public:
  Crafted() : fd_(tinytap::checked("memfd_create", memfd_create("crafted-ring", 0))) {
    tinytap::checked("ftruncate", ftruncate(fd_, static_cast<off_t>(2 * kPage + 2 * kSize)));
    memory_ = static_cast<uint8_t*>(
        mmap(nullptr, 2 * kPage + 2 * kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0));
    ring_ = std::make_unique<Ring>(fd_, kSize);
    seen_ = mappedByRing();
    poison(0, 2 * kSize);
  }
  ~Crafted() {
    ASAN_UNPOISON_MEMORY_REGION(seen_, 2 * kSize);
    munmap(memory_, 2 * kPage + 2 * kSize);
    close(fd_);
  }

  // Adds a record; `header` may lie about its length.
  void add(const std::vector<uint8_t>& bytes, uint32_t header) {
    size_t at = position_ & (kSize - 1);
    uint32_t words[2] = {header, 0};
    memcpy(data() + at, words, sizeof(words));
    if (!bytes.empty()) memcpy(data() + at + 8, bytes.data(), bytes.size());
    ASAN_UNPOISON_MEMORY_REGION(seen_ + at, 8 + bytes.size());
    position_ += (8 + bytes.size() + 7) & ~size_t{7};
    __atomic_store_n(reinterpret_cast<uint64_t*>(memory_ + kPage), position_, __ATOMIC_RELEASE);
  }
  void add(const std::vector<uint8_t>& bytes) { add(bytes, static_cast<uint32_t>(bytes.size())); }

  Ring::Drained drain(size_t capacity) {
    std::unique_ptr<uint8_t[]> to(new uint8_t[capacity]);
    Ring::Drained drained = ring_->drain(to.get(), capacity);
    CHECK(drained.bytes <= capacity);
    if (consumed() == position_) poison(0, 2 * kSize);
    return drained;
  }

  uint64_t consumed() const { return *reinterpret_cast<uint64_t*>(memory_); }
  uint64_t position() const { return position_; }

 private:
  uint8_t* data() { return memory_ + 2 * kPage; }
  void poison(size_t from, size_t length) { ASAN_POISON_MEMORY_REGION(seen_ + from, length); }

  // Where Ring has the data: it keeps that to itself, the kernel doesn't.
  uint8_t* mappedByRing() {
    FILE* maps = fopen("/proc/self/maps", "r");
    char line[512];
    uint8_t* found = nullptr;
    while (fgets(line, sizeof(line), maps)) {
      uintptr_t start, offset;
      char permissions[8];
      if (sscanf(line, "%" SCNxPTR "-%*x %7s %" SCNxPTR, &start, permissions, &offset) != 3) continue;
      if (strstr(line, "crafted-ring") && offset == kPage && permissions[1] == '-')
        found = reinterpret_cast<uint8_t*>(start) + kPage;
    }
    fclose(maps);
    CHECK(found);
    return found;
  }

  int fd_;
  uint8_t* memory_;
  uint8_t* seen_;
  uint64_t position_ = 0;
  std::unique_ptr<Ring> ring_;
};

std::vector<uint8_t> recordOf(uint8_t kind, size_t size) {
  std::vector<uint8_t> bytes(size);
  if (size > 0) bytes[0] = kind;
  return bytes;
}

std::vector<uint8_t> segmentOf(size_t room, uint32_t len) {
  std::vector<uint8_t> bytes = recordOf(RECORD_SEGMENT, sizeof(segment) + room);
  memcpy(bytes.data() + offsetof(segment, len), &len, sizeof(len));
  return bytes;
}

size_t least(uint8_t kind) {
  switch (kind) {
    case RECORD_OPENED:
      return sizeof(opened);
    case RECORD_SEGMENT:
      return sizeof(segment);
    case RECORD_PROCESS:
      return sizeof(process);
    default:
      return sizeof(ending);
  }
}

void everyLengthOfEveryKind() {
  for (unsigned kind = 0; kind <= 255; kind++) {
    bool known = kind >= RECORD_OPENED && kind <= RECORD_PROCESS;
    for (size_t size = 0; size <= 80; size++) {
      Crafted ring;
      ring.add(recordOf(static_cast<uint8_t>(kind), size));
      Ring::Drained drained = ring.drain(4096);
      bool good = known && size >= least(static_cast<uint8_t>(kind));
      CHECK(drained.bad == (good ? 0 : 1));
      CHECK((drained.bytes > 0) == good);
      CHECK(ring.consumed() == ring.position());
    }
  }
}

void payloadThatIsNotThere() {
  for (uint32_t len : {0u, 1u, 7u, 8u, 9u, 100u, 101u, 4096u, 0x7fffffffu, 0xffffffffu, 0xffffffc8u}) {
    Crafted ring;
    ring.add(segmentOf(100, len));
    ring.add(recordOf(RECORD_CLOSED, sizeof(ending)));
    Ring::Drained drained = ring.drain(4096);
    size_t closed = 8 + sizeof(ending);
    CHECK(drained.bad == (len <= 100 ? 0 : 1));
    CHECK(drained.bytes == (len <= 100 ? 8 + ((sizeof(segment) + len + 7) & ~size_t{7}) + closed : closed));
  }
}

void lengthBeyondTheRing() {
  Crafted ring;
  ring.add(recordOf(RECORD_CLOSED, sizeof(ending)), 0x3fffffff);
  bool refused = false;
  try {
    ring.drain(4096);
  } catch (const tinytap::Failure& failure) {
    refused = failure.error == EBADMSG;
  }
  CHECK(refused);
}

void lengthBeyondWhatWasProduced() {
  Crafted ring;
  ring.add(recordOf(RECORD_CLOSED, sizeof(ending)), 4096);
  bool refused = false;
  try {
    refused = ring.drain(4096).bytes == 0;
  } catch (const tinytap::Failure& failure) {
    refused = failure.error == EBADMSG;
  }
  CHECK(refused);
}

void busyAndDiscarded() {
  Crafted ring;
  ring.add(recordOf(RECORD_CLOSED, sizeof(ending)), sizeof(ending) | BPF_RINGBUF_DISCARD_BIT);
  ring.add(recordOf(RECORD_CLOSED, sizeof(ending)), sizeof(ending) | BPF_RINGBUF_BUSY_BIT);
  Ring::Drained drained = ring.drain(4096);
  CHECK(drained.bytes == 0 && drained.bad == 0 && !drained.more);
  CHECK(ring.consumed() == 8 + sizeof(ending));
}

void shortBuffers() {
  for (size_t capacity = 0; capacity <= 300; capacity++) {
    Crafted ring;
    for (uint32_t len : {3u, 64u, 65u}) ring.add(segmentOf(70, len));
    size_t bytes = 0;
    Ring::Drained drained;
    do {
      drained = ring.drain(capacity);
      bytes += drained.bytes;
    } while (drained.more && drained.bytes > 0);
    bool enough = capacity >= 8 + ((sizeof(segment) + 65 + 7) & ~size_t{7});
    CHECK(drained.more == !enough);
    CHECK((ring.consumed() == ring.position()) == enough);
  }
}

void noise() {
  std::mt19937 random(4);
  Crafted ring;
  for (int turn = 0; turn < 200000; turn++) {
    std::vector<uint8_t> bytes(random() % 200);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    if (!bytes.empty()) bytes[0] %= 7;
    if (random() % 2 && bytes.size() >= sizeof(segment)) {
      uint32_t len = random() % 200;
      memcpy(bytes.data() + offsetof(segment, len), &len, sizeof(len));
    }
    ring.add(bytes);
    ring.drain(512);
    CHECK(ring.consumed() == ring.position());
  }
}

}  // namespace

int main() {
  everyLengthOfEveryKind();
  payloadThatIsNotThere();
  lengthBeyondTheRing();
  lengthBeyondWhatWasProduced();
  busyAndDiscarded();
  shortBuffers();
  noise();
  puts("ok");
}
