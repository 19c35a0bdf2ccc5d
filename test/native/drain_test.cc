// The thread at work, against a producer and a reader in threads of their own: every byte arrives in order,
// and no wake-up is lost. For ThreadSanitizer, and for AddressSanitizer.
#include "../../native/drain.h"

#include <time.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "crafted_ring.h"

namespace tinytap {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// What the thread-safe function and JavaScript's event loop are: a call, and somebody who waits for it.
class Calls {
 public:
  void call() {
    std::lock_guard lock(mutex_);
    times_.push_back(Clock::now());
    changed_.notify_all();
  }
  // Whether there was one more call than `seen` within `patience`.
  bool await(size_t seen, milliseconds patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return times_.size() > seen; });
  }
  std::vector<Clock::time_point> times() {
    std::lock_guard lock(mutex_);
    return times_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Clock::time_point> times_;
};

constexpr milliseconds kPatience{10'000};

struct Bench {
  Bench(size_t slabs, size_t ringBytes) : crafted(ringBytes), reader(slabs) {}
  void start() {
    drain.start([this] { calls.call(); });
  }

  CraftedRing crafted;
  SlabReader reader;
  Calls calls;
  Drain drain{crafted.fd(), crafted.size(), reader.writer()};
};

template <typename Condition>
bool eventually(Condition condition) {
  for (Clock::time_point end = Clock::now() + kPatience; Clock::now() < end;) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

Bytes numbered(uint32_t number, std::mt19937& random) {
  // A few are as large as the kernel's largest.
  uint32_t len = random() % 64 == 0 ? 65536 : random() % 3000;
  Bytes bytes = segmentOf(len + random() % 64, len, SEGMENT_HEAD);
  memcpy(bytes.data() + offsetof(segment, seq), &number, sizeof(number));
  return bytes;
}

// In bursts and trickles, with records that are busy for a while, as on another CPU.
void produce(CraftedRing& crafted, uint32_t records) {
  std::mt19937 contents(1), random(2);
  for (uint32_t number = 0; number < records; number++) {
    Bytes bytes = numbered(number, contents);
    while (crafted.room() < bytes.size() + 16) std::this_thread::yield();
    uint64_t position = crafted.position();
    uint32_t length = static_cast<uint32_t>(bytes.size());
    crafted.add(bytes, length | BPF_RINGBUF_BUSY_BIT);
    if (random() % 100 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
    crafted.setHeader(position, length);
    if (random() % 400 == 0) std::this_thread::sleep_for(milliseconds(random() % 12));
  }
}

// The reader reads as JavaScript does: to the end, then it asks to be woken, looks once more, and waits. It
// frees slabs late, and in any order.
void everyByteInOrder(uint32_t records) {
  Bench bench(6, 1 << 18);
  bench.start();
  std::thread producer([&] { produce(bench.crafted, records); });
  std::mt19937 contents(1), random(3);
  uint32_t seen = 0;
  size_t calls = 0;
  while (seen < records) {
    for (const Bytes& each : bench.reader.read()) {
      Bytes wanted = numbered(seen, contents);
      uint32_t len;
      memcpy(&len, wanted.data() + offsetof(segment, len), sizeof(len));
      wanted.resize(sizeof(segment) + len);
      CHECK(each == wanted);
      seen++;
    }
    std::vector<uint32_t>& left = bench.reader.left;
    std::shuffle(left.begin(), left.end(), random);
    while (left.size() > random() % 5) {
      bench.reader.free(left.back());
      left.pop_back();
    }
    if (seen == records) break;
    bench.reader.store(Slabs::kCaughtUp, 1);
    if (bench.reader.load(Slabs::kWritten) == static_cast<uint32_t>(bench.reader.position() / 8))
      CHECK(bench.calls.await(calls, kPatience));  // or the wake-up was lost
    calls = bench.calls.times().size();
  }
  producer.join();
  bench.drain.stop();
  CHECK(bench.drain.bad() == 0 && !bench.drain.failure());
  CHECK(bench.reader.load(Slabs::kShedRecords) == 0);
  CHECK(bench.reader.position() > 5 * 6 * Slabs::kSlabBytes);
}

void add(Bench& bench) { bench.crafted.add(recordOf(RECORD_CLOSED, sizeof(ending))); }

bool isRead(Bench& bench) { return bench.crafted.consumed() == bench.crafted.position(); }

void wokenOnlyWhenAsked() {
  Bench bench(2, 16384);
  bench.start();
  add(bench);
  CHECK(eventually([&] { return isRead(bench); }));
  CHECK(!bench.calls.await(0, milliseconds(50)));
  bench.reader.read();
  bench.reader.store(Slabs::kCaughtUp, 1);
  // There is nothing new.
  CHECK(!bench.calls.await(0, milliseconds(50)));
  add(bench);
  CHECK(bench.calls.await(0, kPatience));
  CHECK(bench.reader.load(Slabs::kCaughtUp) == 0);
  CHECK(bench.reader.read().size() == 1);
  add(bench);
  CHECK(eventually([&] { return isRead(bench); }));
  CHECK(!bench.calls.await(1, milliseconds(50)));
}

// What was refused is passed, too: somebody may wait for that.
void wokenByWhatIsRefused() {
  Bench bench(2, 16384);
  bench.start();
  bench.reader.store(Slabs::kCaughtUp, 1);
  bench.crafted.add(recordOf(200, 40));
  CHECK(bench.calls.await(0, kPatience));
  CHECK(bench.reader.load(Slabs::kPassed) == 48 / 8);
  CHECK(bench.drain.bad() == 1);
}

// Always ready to be woken, and something new all the time: 5 ms from one call to the next, and one after the
// end.
void wokenSeldom() {
  Bench bench(2, 16384);
  bench.start();
  size_t seen = 0;
  for (Clock::time_point end = Clock::now() + milliseconds(200); Clock::now() < end;) {
    bench.reader.store(Slabs::kCaughtUp, 1);
    if (bench.crafted.room() >= 40) add(bench);
    seen += bench.reader.read().size();
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  bench.reader.store(Slabs::kCaughtUp, 1);
  size_t before = bench.calls.times().size();
  add(bench);
  CHECK(bench.calls.await(before, kPatience));
  std::vector<Clock::time_point> times = bench.calls.times();
  CHECK(times.size() >= 3);
  // From when the thread decided to when the call was noted there is some noise.
  CHECK(times.back() - times.front() > (times.size() - 1) * milliseconds(5) - milliseconds(4));
}

// Just after one call there is something new, and then nothing more: the next call comes late, but it comes.
void wokenAtLast() {
  Bench bench(2, 16384);
  bench.start();
  for (size_t turn = 0; turn < 20; turn++) {
    bench.reader.store(Slabs::kCaughtUp, 1);
    add(bench);
    CHECK(bench.calls.await(turn, kPatience));
  }
}

// A crafted ring reads as ready always, as does one whose first record stays busy: a nap between two looks.
void busyRingCostsLittle() {
  Bench bench(2, 16384);
  bench.crafted.add(recordOf(RECORD_CLOSED, sizeof(ending)), sizeof(ending) | BPF_RINGBUF_BUSY_BIT);
  bench.start();
  auto processorTime = [] {
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  auto before = processorTime();
  std::this_thread::sleep_for(milliseconds(300));
  CHECK(processorTime() - before < milliseconds(150));
  bench.crafted.setHeader(0, sizeof(ending));
  CHECK(eventually([&] { return isRead(bench); }));
}

void wokenByHand() {
  Bench bench(2, 16384);
  bench.start();
  for (int turn = 0; turn < 1000; turn++) bench.drain.wake();
  add(bench);
  CHECK(bench.drain.produced() == bench.crafted.position());
  CHECK(eventually([&] { return isRead(bench); }));
}

void givesUp() {
  Bench bench(2, 16384);
  bench.crafted.add(recordOf(RECORD_CLOSED, sizeof(ending)), 0x3fffffff);
  CHECK(!bench.drain.failure());
  bench.start();
  CHECK(bench.calls.await(0, kPatience));
  CHECK(bench.drain.failure() == "read the ring: Bad message");
  bench.drain.stop();
  bench.drain.stop();
}

void stoppedWhileSlabsAreShort() {
  Bench bench(2, 1 << 18);
  bench.start();
  for (int i = 0; i < 40; i++) {
    CHECK(eventually([&] { return bench.crafted.room() > 66000 || bench.reader.load(Slabs::kFree) == 0; }));
    if (bench.crafted.room() > 66000) bench.crafted.add(segmentOf(65536, 65536, SEGMENT_HEAD));
  }
  bench.drain.stop();
  CHECK(bench.crafted.consumed() < bench.crafted.position());
}

}  // namespace
}  // namespace tinytap

int main() {
  using namespace tinytap;
  everyByteInOrder(25'000);
  wokenOnlyWhenAsked();
  wokenByWhatIsRefused();
  wokenSeldom();
  wokenAtLast();
  busyRingCostsLittle();
  wokenByHand();
  givesUp();
  stoppedWhileSlabsAreShort();
  puts("ok");
}
