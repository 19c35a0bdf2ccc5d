// The thread that empties the ring into the slabs, so that a busy JavaScript thread costs memory and no
// record.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "appender.h"
#include "ring.h"
#include "slabs.h"

namespace tinytap {

class Drain {
 public:
  // Throws Failure where the descriptor is no ring of `ringBytes`.
  Drain(int ringFd, size_t ringBytes, const Slabs& slabs);
  ~Drain();

  // From now on the thread runs. It calls `notify` when the reader of the slabs waits and there is something
  // new, every 5 ms at most, and once when it gives up. Throws Failure where no thread can be had.
  void start(std::function<void()> notify);

  // Joins the thread, for good; so does the destructor.
  void stop();

  // Makes the thread look at the ring at once.
  void wake();

  uint64_t produced() const { return ring_.produced(); }
  uint64_t bad() const { return appender_.bad(); }

  // Why the thread gave up, if it did.
  std::optional<std::string> failure() const;

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void waitForRecords();
  void follow();
  bool pass();
  void announce();
  void nap();

  Ring ring_;
  Slabs slabs_;
  Appender appender_;
  int wake_;  // eventfd
  std::function<void()> notify_;
  bool unannounced_ = false;  // published since the reader was last asked whether it waits
  Clock::time_point lastWake_;
  std::atomic<bool> stopped_ = false;
  std::string failure_;
  std::atomic<bool> failed_ = false;
  std::thread thread_;
};

}  // namespace tinytap
