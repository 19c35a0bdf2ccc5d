#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "moves.h"

enum { block = 100000 };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

// A call that receives up to `size` bytes into `data` (of `size` bytes).
typedef ssize_t (*call)(int fd, uint8_t* data, size_t size);

static void receive_all(int fd, size_t size, call receive) {
  uint8_t* data = allocate(block);
  // Off the page's and the word's start.
  for (size_t done = 0; done < size;) {
    ssize_t got = must(receive(fd, data + 1, least(block - 1, size - done)), "receive");
    must(got > 0 ? 0 : -1, "receive: end of stream");
    done += got;
  }
  free(data);
}

static ssize_t call_read(int fd, uint8_t* data, size_t size) { return read(fd, data, size); }

static ssize_t call_small_read(int fd, uint8_t* data, size_t size) {
  static __thread unsigned step;
  return read(fd, data, least(size, step++ % 700 + 1));
}

static ssize_t call_empty_read(int fd, uint8_t* data, size_t size) {
  must(read(fd, data, 0), "read");
  return read(fd, data, size);
}

static int vectors(struct iovec* vectors, uint8_t* data, size_t size) {
  size_t third = size / 3;
  vectors[0] = (struct iovec){data, third};
  vectors[1] = (struct iovec){data + third, 0};
  vectors[2] = (struct iovec){data + third, size - third};
  return 3;
}

static ssize_t call_readv(int fd, uint8_t* data, size_t size) {
  struct iovec pieces[3];
  return readv(fd, pieces, vectors(pieces, data, size));
}

static ssize_t call_preadv2(int fd, uint8_t* data, size_t size) {
  struct iovec pieces[3];
  return preadv2(fd, pieces, vectors(pieces, data, size), -1, 0);
}

static ssize_t call_recv(int fd, uint8_t* data, size_t size) { return recv(fd, data, size, 0); }
static ssize_t call_waitall(int fd, uint8_t* data, size_t size) { return recv(fd, data, size, MSG_WAITALL); }

static ssize_t call_peek(int fd, uint8_t* data, size_t size) {
  must(recv(fd, data, least(size, 10), MSG_PEEK), "peek");
  must(recv(fd, data, size, MSG_PEEK), "peek");
  return recv(fd, data, size, 0);
}

static ssize_t call_trunc(int fd, uint8_t* data, size_t size) { return recv(fd, data, size, MSG_TRUNC); }

static ssize_t call_recvmsg(int fd, uint8_t* data, size_t size) {
  struct iovec pieces[3];
  char control[64];
  struct msghdr message = {.msg_iov = pieces,
                           .msg_iovlen = vectors(pieces, data, size),
                           .msg_control = control,
                           .msg_controllen = sizeof(control)};
  return recvmsg(fd, &message, 0);
}

static ssize_t call_recvmmsg(int fd, uint8_t* data, size_t size) {
  struct iovec pieces[4];
  struct mmsghdr messages[4] = {};
  size_t each = size / 4, bytes = 0;
  for (int i = 0; i < 4; i++) {
    pieces[i] = (struct iovec){data + i * each, i == 3 ? size - 3 * each : each};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  int count = must(recvmmsg(fd, messages, 4, MSG_WAITFORONE, NULL), "recvmmsg");
  for (int i = 0; i < count; i++) bytes += messages[i].msg_len;
  // Where `each` is 0 the first messages take nothing.
  return bytes == 0 ? recv(fd, data, size, 0) : (ssize_t)bytes;
}

// Room for twice what is there: each message ends early.
static ssize_t call_short_recvmmsg(int fd, uint8_t* data, size_t size) {
  struct iovec pieces[2] = {{data, size / 2}, {data + size / 2, size - size / 2}};
  struct mmsghdr messages[2] = {};
  for (int i = 0; i < 2; i++) {
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  int count = must(recvmmsg(fd, messages, 2, 0, NULL), "recvmmsg");
  return messages[0].msg_len + (count > 1 ? messages[1].msg_len : 0);
}

static ssize_t call_nonblocking(int fd, uint8_t* data, size_t size) {
  for (;;) {
    ssize_t got = recv(fd, data, size, MSG_DONTWAIT);
    if (got >= 0) return got;
    must(errno == EAGAIN ? 0 : -1, "recv");
    struct pollfd readable = {fd, POLLIN, 0};
    poll(&readable, 1, -1);
  }
}

// Into a pipe: the bytes never reach this process.
static ssize_t call_splice(int fd, uint8_t* data, size_t size) {
  (void)data;
  int ends[2], nothing = must(open("/dev/null", O_WRONLY), "/dev/null");
  must(pipe(ends), "pipe");
  ssize_t got = splice(fd, NULL, ends[1], NULL, least(size, 4000), 0);
  for (ssize_t left = got; left > 0;) left -= must(splice(ends[0], NULL, nothing, NULL, left, 0), "splice");
  close(ends[0]);
  close(ends[1]);
  close(nothing);
  return got;
}

struct share {
  int fd;
  size_t size;
};

static void* receive_share(void* argument) {
  struct share* share = argument;
  receive_all(share->fd, share->size, call_read);
  return NULL;
}

// Each takes its share after the other.
static void receive_by_threads(int fd, size_t size) {
  struct share shares[2] = {{fd, size / 2}, {fd, size - size / 2}};
  for (int i = 0; i < 2; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, receive_share, &shares[i]);
    pthread_join(thread, NULL);
  }
}

struct pump {
  int from, to;
  size_t size;
};

static void* pump(void* argument) {
  struct pump* job = argument;
  uint8_t data[5000];
  for (size_t done = 0; done < job->size;) {
    ssize_t got = must(read(job->from, data, least(sizeof(data), job->size - done)), "read");
    must(got > 0 ? 0 : -1, "read: end of stream");
    write_all(job->to, data, got);
    done += got;
  }
  return NULL;
}

void echo_by_threads(int fd, size_t size) {
  int ends[2];
  must(pipe(ends), "pipe");
  struct pump in = {fd, ends[1], size}, out = {ends[0], fd, size};
  pthread_t thread;
  pthread_create(&thread, NULL, pump, &in);
  pump(&out);
  pthread_join(thread, NULL);
  close(ends[0]);
  close(ends[1]);
}

#define DEFINE(NAME) \
  static void by_##NAME(int fd, size_t size) { receive_all(fd, size, call_##NAME); }
DEFINE(read)
DEFINE(small_read)
DEFINE(empty_read)
DEFINE(readv)
DEFINE(preadv2)
DEFINE(recv)
DEFINE(waitall)
DEFINE(peek)
DEFINE(trunc)
DEFINE(recvmsg)
DEFINE(recvmmsg)
DEFINE(short_recvmmsg)
DEFINE(nonblocking)
DEFINE(splice)

const struct receiver receivers[] = {
    {"read", by_read},
    {"small-reads", by_small_read},
    {"empty-reads", by_empty_read},
    {"readv", by_readv},
    {"preadv2", by_preadv2},
    {"recv", by_recv},
    {"waitall", by_waitall},
    {"peek", by_peek},
    {"trunc", by_trunc},
    {"recvmsg", by_recvmsg},
    {"recvmmsg", by_recvmmsg},
    {"short-recvmmsg", by_short_recvmmsg},
    {"nonblocking", by_nonblocking},
    {"splice", by_splice},
    {"two-threads", receive_by_threads},
    {"io-uring", receive_by_ring},
};
const size_t receiver_count = sizeof(receivers) / sizeof(*receivers);
