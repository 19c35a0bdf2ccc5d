// The kernel's ring buffer, read by hand: before 5.19 an unprivileged process may not make libbpf's bpf()
// calls.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace tinytap {

// A mapping of a descriptor's memory, unmapped at its end.
class Mapping {
 public:
  Mapping(int fd, size_t length, int protection, off_t offset);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  uint8_t* data() const { return data_; }

 private:
  uint8_t* data_;
  size_t length_;
};

class Ring {
 public:
  Ring(int fd, size_t size);

  struct Drained {
    size_t bytes;  // written to the destination
    bool more;     // the next record had no room
    uint64_t bad;  // records refused: of unknown kind, or of a length that can't be
  };

  // Copies records, each as {u32 length, u32 zero, its bytes, padding to 8}, and frees them. Of a segment
  // only the payload that it has is copied, not what its reservation left unused.
  Drained drain(uint8_t* to, size_t capacity);

  // So full that fetching must not wait for more.
  bool isFilling() const;

  int fd() const { return fd_; }

 private:
  uint64_t* consumed() const { return reinterpret_cast<uint64_t*>(consumer_.data()); }
  uint64_t* produced() const { return reinterpret_cast<uint64_t*>(producer_.data()); }

  int fd_;
  size_t size_;
  Mapping consumer_;
  Mapping producer_;
};

// A thread that says when the ring has something: at most once until `resume`, and a moment late, so that
// records come in batches.
class RingWatcher {
 public:
  RingWatcher(const Ring& ring, std::function<void()> notify);
  ~RingWatcher();

  void resume();

 private:
  void run();

  const Ring& ring_;
  int stop_;  // eventfd
  std::function<void()> notify_;
  std::mutex mutex_;
  std::condition_variable resumed_;
  bool waiting_ = true;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace tinytap
