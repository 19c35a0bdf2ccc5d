#include "drain.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "error.h"

namespace tinytap {
namespace {

// While records come they may gather for so long: the kernel then seldom wakes us, and what it would have to
// shed in that time has room in the ring.
constexpr int kNapMilliseconds = 1;

// Far below what a person sees, far above the price of waking JavaScript.
constexpr auto kWakeInterval = std::chrono::milliseconds(5);

// Passes that find nothing before we rely on being woken.
constexpr int kQuietPasses = 2;

}  // namespace

Drain::Drain(int ringFd, size_t ringBytes, const Slabs& slabs)
    : ring_(ringFd, ringBytes),
      slabs_(slabs),
      appender_(ring_, slabs_),
      wake_(checked("eventfd", eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {}

Drain::~Drain() {
  stop();
  close(wake_);
}

void Drain::start(std::function<void()> notify) {
  notify_ = std::move(notify);
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    throw Failure("start a thread", error.code().value());
  }
}

void Drain::stop() {
  stopped_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
}

void Drain::wake() { eventfd_write(wake_, 1); }

std::optional<std::string> Drain::failure() const {
  if (!failed_) return std::nullopt;
  return failure_;
}

void Drain::run() {
  pthread_setname_np(pthread_self(), "tinytap-drain");
  try {
    while (!stopped_) {
      waitForRecords();
      follow();
    }
  } catch (const Failure& failure) {
    failure_ = failure.what();
    failed_ = true;
    notify_();
  }
}

void Drain::waitForRecords() {
  pollfd watched[2] = {{ring_.fd(), POLLIN, 0}, {wake_, POLLIN, 0}};
  if (poll(watched, 2, -1) < 0 && errno != EINTR) throw Failure("wait for the ring", errno);
  // A descriptor that somebody closed would read as ready for ever.
  if (watched[0].revents & (POLLERR | POLLNVAL)) throw Failure("wait for the ring", EBADF);
}

// Takes over what comes until it comes no more. There is a nap before each but the first pass, so that a ring
// whose first record stays busy, which poll calls ready, doesn't keep us running.
void Drain::follow() {
  for (int quiet = 0; !stopped_; nap()) {
    eventfd_t ignored;
    eventfd_read(wake_, &ignored);
    quiet = pass() ? 0 : quiet + 1;
    announce();
    if (quiet >= kQuietPasses && !unannounced_) return;
  }
}

// Takes over what the ring holds by now. Whether there was anything.
bool Drain::pass() {
  uint64_t end = ring_.produced();
  Appender::Progress first = appender_.append(end);
  for (Appender::Progress each = first; each == Appender::kSome && !stopped_; each = appender_.append(end)) {
    unannounced_ = true;
    announce();
  }
  return first != Appender::kNothing;
}

// Wakes the reader if it waits for what was published, but not too soon after the last time: then a later
// pass will.
void Drain::announce() {
  if (!unannounced_) return;
  Clock::time_point now = Clock::now();
  if (now - lastWake_ < kWakeInterval) return;
  unannounced_ = false;
  if (!slabs_.readerWaits()) return;
  lastWake_ = now;
  notify_();
}

void Drain::nap() {
  pollfd woken = {wake_, POLLIN, 0};
  poll(&woken, 1, kNapMilliseconds);
}

}  // namespace tinytap
