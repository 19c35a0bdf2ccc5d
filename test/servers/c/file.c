#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "moves.h"

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static void from_position(int fd, int file, size_t size) {
  while (size > 0) size -= must(sendfile(fd, file, NULL, size), "sendfile");
}

static void from_offset(int fd, int file, size_t size) {
  off_t offset = file_skip;
  for (size_t done = 0; done < size;) done += must(sendfile(fd, file, &offset, size - done), "sendfile");
}

struct hammered {
  off_t offset;
  volatile bool done;
};

static void* hammer(void* argument) {
  struct hammered* shared = argument;
  usleep(200000);
  while (!shared->done) *(volatile off_t*)&shared->offset = 0;
  return NULL;
}

// Another thread writes to the offset while the call waits for room.
static void from_overwritten_offset(int fd, int file, size_t size) {
  struct hammered shared = {file_skip, false};
  int small = 4096;
  pthread_t other;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  pthread_create(&other, NULL, hammer, &shared);
  must(sendfile(fd, file, &shared.offset, size) == (ssize_t)size ? 0 : -1, "sendfile");
  shared.done = true;
  pthread_join(other, NULL);
}

// The offset moves through the pages in odd steps, one of them over the file's end.
static void in_pieces(int fd, int file, size_t size) {
  off_t offset = file_skip;
  for (size_t done = 0, step = 1; done < size; step = step * 3 % 40961)
    done += must(sendfile(fd, file, &offset, least(step, size - done)), "sendfile");
}

static void nonblocking(int fd, int file, size_t size) {
  int small = 4096, flags = fcntl(fd, F_GETFL);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  while (size > 0) {
    ssize_t sent = sendfile(fd, file, NULL, size);
    if (sent >= 0) {
      size -= sent;
      continue;
    }
    must(errno == EAGAIN ? 0 : -1, "sendfile");
    struct pollfd writable = {fd, POLLOUT, 0};
    poll(&writable, 1, -1);
  }
  fcntl(fd, F_SETFL, flags);
}

static void small_buffer(int fd, int file, size_t size) {
  int small = 4096;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  from_position(fd, file, size);
}

static void corked(int fd, int file, size_t size) {
  int yes = 1, no = 0;
  setsockopt(fd, IPPROTO_TCP, TCP_CORK, &yes, sizeof(yes));
  in_pieces(fd, file, size);
  setsockopt(fd, IPPROTO_TCP, TCP_CORK, &no, sizeof(no));
}

// Half by sendfile, half by write: two sources in one body.
static void with_write(int fd, int file, size_t size) {
  size_t half = size / 2;
  uint8_t* data = allocate(size);
  from_position(fd, file, half);
  for (size_t done = half; done < size;) done += must(read(file, data + done, size - done), "read");
  write_all(fd, data + half, size - half);
  free(data);
}

struct half {
  int fd;
  size_t size;
};

static void* write_half(void* argument) {
  struct half* half = argument;
  uint8_t* data = allocate(half->size);
  fill_random(data, half->size);
  write_all(half->fd, data, half->size);
  free(data);
  return NULL;
}

// A half by sendfile and another by write, both at once: their order is nobody's to say.
static void racing(int fd, int file, size_t size) {
  int small = 4096;
  struct half half = {fd, size - size / 2};
  pthread_t other;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  pthread_create(&other, NULL, write_half, &half);
  from_position(fd, file, size / 2);
  pthread_join(other, NULL);
}

static void move(int from, int to, size_t size, unsigned flags) {
  while (size > 0) size -= must(splice(from, NULL, to, NULL, size, flags), "splice");
}

static void spliced(int fd, int file, size_t size) {
  int ends[2];
  must(pipe(ends), "pipe");
  while (size > 0) {
    ssize_t got = must(splice(file, NULL, ends[1], NULL, size, SPLICE_F_MOVE), "splice");
    move(ends[0], fd, got, (size_t)got < size ? SPLICE_F_MORE : 0);
    size -= got;
  }
  close(ends[0]);
  close(ends[1]);
}

// One copy goes to the client, the other is thrown away.
static void teed(int fd, int file, size_t size) {
  int first[2], second[2], nothing = must(open("/dev/null", O_WRONLY), "/dev/null");
  must(pipe(first), "pipe");
  must(pipe(second), "pipe");
  while (size > 0) {
    ssize_t got = must(splice(file, NULL, first[1], NULL, least(size, 16000), 0), "splice");
    must(tee(first[0], second[1], got, 0) == got ? 0 : -1, "tee");
    move(second[0], fd, got, 0);
    move(first[0], nothing, got, 0);
    size -= got;
  }
  for (int i = 0; i < 2; i++) {
    close(first[i]);
    close(second[i]);
  }
  close(nothing);
}

// Memory of this process, given to a pipe and from there to the socket.
static void vmspliced(int fd, int file, size_t size) {
  int ends[2];
  uint8_t* mapped = mmap(NULL, size + file_skip, PROT_READ, MAP_PRIVATE, file, 0);
  must(pipe(ends), "pipe");
  for (size_t done = 0; done < size;) {
    struct iovec vector = {mapped + file_skip + done, size - done};
    ssize_t got = must(vmsplice(ends[1], &vector, 1, 0), "vmsplice");
    move(ends[0], fd, got, 0);
    done += got;
  }
  munmap(mapped, size + file_skip);
  close(ends[0]);
  close(ends[1]);
}

const struct file_sender file_senders[] = {
    {"position", from_position},
    {"offset", from_offset},
    {"pieces", in_pieces},
    {"nonblocking", nonblocking},
    {"small-buffer", small_buffer},
    {"corked", corked},
    {"with-write", with_write},
    {"racing", racing},
    {"overwritten-offset", from_overwritten_offset},
    {"splice", spliced},
    {"tee", teed},
    {"vmsplice", vmspliced},
};
const size_t file_sender_count = sizeof(file_senders) / sizeof(*file_senders);

void echo_by_splice(int fd, size_t size) {
  int ends[2];
  must(pipe(ends), "pipe");
  while (size > 0) {
    ssize_t got = must(splice(fd, NULL, ends[1], NULL, size, 0), "splice");
    must(got > 0 ? 0 : -1, "splice: end of stream");
    move(ends[0], fd, got, 0);
    size -= got;
  }
  close(ends[0]);
  close(ends[1]);
}
