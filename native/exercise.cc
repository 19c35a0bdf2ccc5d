#include "exercise.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>

#include "error.h"

namespace tinytap {
namespace {

// Several pages, none of whose ends is a multiple of anything; small enough for a socket's first buffer.
constexpr size_t kFileSize = 24000;
constexpr off_t kOffset = 1234;
constexpr size_t kServed = 18765;
constexpr size_t kWritten = 3210;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return fd_; }

 private:
  int fd_;
};

std::string randomBytes(size_t length) {
  std::string bytes(length, '\0');
  for (size_t got = 0; got < length;)
    got +=
        static_cast<size_t>(checked("getrandom", static_cast<int>(getrandom(&bytes[got], length - got, 0))));
  return bytes;
}

void writeAll(int fd, const std::string& bytes) {
  for (size_t done = 0; done < bytes.size();)
    done += static_cast<size_t>(
        checked("write", static_cast<int>(write(fd, bytes.data() + done, bytes.size() - done))));
}

std::string readAll(int fd, size_t length) {
  std::string bytes(length, '\0');
  for (size_t done = 0; done < length;) {
    int got = checked("read", static_cast<int>(read(fd, &bytes[done], length - done)));
    if (got == 0) throw Failure("read", ECONNRESET);
    done += static_cast<size_t>(got);
  }
  return bytes;
}

// A socket that never blocks for long: a broken loopback must not hang the helper.
int newSocket() {
  int fd = checked("socket", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  timeval limit = {2, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  return fd;
}

}  // namespace

Exercise exercise() {
  Descriptor file(checked("memfd_create", memfd_create("tinytap-self-test", MFD_CLOEXEC)));
  writeAll(file, randomBytes(kFileSize));

  Descriptor listener(newSocket());
  sockaddr_in address = {};
  socklen_t length = sizeof(address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  checked("bind", bind(listener, generic, length));
  checked("listen", listen(listener, 1));
  checked("getsockname", getsockname(listener, generic, &length));
  Descriptor client(newSocket());
  checked("connect", connect(client, generic, length));
  Descriptor server(checked("accept4", accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)));

  Exercise result = {ntohs(address.sin_port), randomBytes(kWritten), ""};
  writeAll(client, result.written);
  readAll(server, kWritten);
  off_t offset = kOffset;
  for (size_t left = kServed; left > 0;)
    left -= static_cast<size_t>(checked("sendfile", static_cast<int>(sendfile(server, file, &offset, left))));
  result.served = readAll(client, kServed);
  return result;
}

}  // namespace tinytap
