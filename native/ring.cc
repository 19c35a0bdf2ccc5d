#include "ring.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "error.h"

namespace tinytap {
namespace {

const size_t kPage = static_cast<size_t>(sysconf(_SC_PAGESIZE));

size_t checkedSize(size_t size) {
  if (!std::has_single_bit(size) || size < kPage) throw Failure("size of the ring", EINVAL);
  return size;
}

}  // namespace

// The kernel lays the data out twice in a row. Mapped twice it would count twice in our memory.
Ring::Ring(int fd, size_t size)
    : fd_(fd),
      size_(checkedSize(size)),
      consumer_(fd, kPage, PROT_READ | PROT_WRITE, 0),
      producer_(fd, kPage + size, PROT_READ, static_cast<off_t>(kPage)) {
  // The last page of both copies is there only if the ring is no smaller than was said.
  Mapping last(fd, kPage, PROT_READ, static_cast<off_t>(kPage + 2 * size));
}

const uint8_t* Ring::data() const { return producer_.data() + kPage; }

Ring::Record Ring::at(uint64_t position, uint64_t end) const {
  // The header never wraps: records begin at multiples of its size.
  auto* header = reinterpret_cast<const uint32_t*>(data() + (position & (size_ - 1)));
  uint32_t word = __atomic_load_n(header, __ATOMIC_ACQUIRE);
  if (word & BPF_RINGBUF_BUSY_BIT) return {Record::kBusy, 0, 0, position};
  size_t length = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
  size_t taken = (BPF_RINGBUF_HDR_SZ + length + 7) & ~size_t{7};
  if (end - position > size_ || taken > end - position) throw Failure("read the ring", EBADMSG);
  Record::State state = word & BPF_RINGBUF_DISCARD_BIT ? Record::kDiscarded : Record::kWhole;
  return {state, position + BPF_RINGBUF_HDR_SZ, length, position + taken};
}

void Ring::copy(uint64_t position, size_t length, uint8_t* to) const {
  size_t offset = position & (size_ - 1);
  size_t toEnd = std::min(length, size_ - offset);
  memcpy(to, data() + offset, toEnd);
  memcpy(to + toEnd, data(), length - toEnd);
}

void Ring::release(uint64_t position) { __atomic_store_n(consumedWord(), position, __ATOMIC_RELEASE); }

}  // namespace tinytap
