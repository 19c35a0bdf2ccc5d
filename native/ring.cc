#include "ring.h"

#include <linux/bpf.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "../bpf/records.h"
#include "error.h"

namespace tinytap {
namespace {

const size_t kPage = static_cast<size_t>(sysconf(_SC_PAGESIZE));

// How long records may gather before they are fetched: far below what a person sees, far above one wake-up's
// price.
constexpr auto kGatherStep = std::chrono::milliseconds(1);
constexpr int kGatherSteps = 5;

size_t aligned(size_t length) { return (length + 7) & ~size_t{7}; }

// The bytes of a record that mean something; 0 if it can't be one.
size_t meaningful(const uint8_t* data, size_t length) {
  if (length < sizeof(record)) return 0;
  switch (reinterpret_cast<const record*>(data)->kind) {
    case RECORD_OPENED:
      return length >= sizeof(opened) ? sizeof(opened) : 0;
    case RECORD_ENDED:
    case RECORD_CLOSED:
      return length >= sizeof(ending) ? sizeof(ending) : 0;
    case RECORD_PROCESS:
      return length >= sizeof(process) ? sizeof(process) : 0;
    case RECORD_SEGMENT: {
      if (length < sizeof(segment)) return 0;
      size_t payload = reinterpret_cast<const segment*>(data)->len;
      return payload <= length - sizeof(segment) ? sizeof(segment) + payload : 0;
    }
    default:
      return 0;
  }
}

}  // namespace

Mapping::Mapping(int fd, size_t length, int protection, off_t offset) : length_(length) {
  void* data = mmap(nullptr, length, protection, MAP_SHARED, fd, offset);
  if (data == MAP_FAILED) throw Failure("mmap", errno);
  data_ = static_cast<uint8_t*>(data);
}

Mapping::~Mapping() { munmap(data_, length_); }

// The kernel maps the data twice in a row, so that a record that wraps can be read in one piece.
Ring::Ring(int fd, size_t size)
    : fd_(fd),
      size_(size),
      consumer_(fd, kPage, PROT_READ | PROT_WRITE, 0),
      producer_(fd, kPage + 2 * size, PROT_READ, static_cast<off_t>(kPage)) {}

Ring::Drained Ring::drain(uint8_t* to, size_t capacity) {
  Drained drained = {0, false, 0};
  const uint8_t* data = producer_.data() + kPage;
  uint64_t position = __atomic_load_n(consumed(), __ATOMIC_RELAXED);
  uint64_t end = __atomic_load_n(produced(), __ATOMIC_ACQUIRE);

  while (position < end) {
    const uint8_t* at = data + (position & (size_ - 1));
    uint32_t header = __atomic_load_n(reinterpret_cast<const uint32_t*>(at), __ATOMIC_ACQUIRE);
    if (header & BPF_RINGBUF_BUSY_BIT) break;
    size_t length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
    if (length + BPF_RINGBUF_HDR_SZ > end - position) throw Failure("read the ring", EBADMSG);
    if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
      const uint8_t* record = at + BPF_RINGBUF_HDR_SZ;
      size_t bytes = meaningful(record, length);
      if (bytes == 0) drained.bad++;
      if (bytes != 0) {
        size_t needed = 8 + aligned(bytes);
        if (needed > capacity - drained.bytes) {
          drained.more = true;
          break;
        }
        uint32_t prefix[2] = {static_cast<uint32_t>(bytes), 0};
        memcpy(to + drained.bytes, prefix, sizeof(prefix));
        memcpy(to + drained.bytes + 8, record, bytes);
        drained.bytes += needed;
      }
    }
    position += aligned(length + BPF_RINGBUF_HDR_SZ);
    __atomic_store_n(consumed(), position, __ATOMIC_RELEASE);
  }
  return drained;
}

bool Ring::isFilling() const {
  uint64_t used =
      __atomic_load_n(produced(), __ATOMIC_RELAXED) - __atomic_load_n(consumed(), __ATOMIC_RELAXED);
  return used > size_ / 16;
}

RingWatcher::RingWatcher(const Ring& ring, std::function<void()> notify)
    : ring_(ring), stop_(checked("eventfd", eventfd(0, EFD_CLOEXEC))), notify_(std::move(notify)) {
  thread_ = std::thread([this] { run(); });
}

RingWatcher::~RingWatcher() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  eventfd_write(stop_, 1);
  resumed_.notify_one();
  thread_.join();
  close(stop_);
}

void RingWatcher::resume() {
  {
    std::lock_guard lock(mutex_);
    waiting_ = true;
  }
  resumed_.notify_one();
}

void RingWatcher::run() {
  pollfd watched[2] = {{ring_.fd(), POLLIN, 0}, {stop_, POLLIN, 0}};
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    lock.unlock();
    int ready = poll(watched, 2, -1);
    if (ready > 0 && (watched[0].revents & POLLIN)) {
      lock.lock();
      for (int i = 0; i < kGatherSteps && !stopped_ && !ring_.isFilling(); i++)
        resumed_.wait_for(lock, kGatherStep);
      if (stopped_) return;
      waiting_ = false;
      notify_();
      resumed_.wait(lock, [this] { return waiting_ || stopped_; });
    } else {
      lock.lock();
      if (ready < 0 && errno != EINTR) return;
    }
  }
}

}  // namespace tinytap
