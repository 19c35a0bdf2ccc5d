#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "moves.h"

#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static void by_small_writes(int fd, const uint8_t* data, size_t size) {
  for (size_t done = 0, step = 1; done < size; step = step * 2 % 1021) {
    size_t piece = least(step, size - done);
    write_all(fd, data + done, piece);
    done += piece;
  }
}

static void by_page_writes(int fd, const uint8_t* data, size_t size) {
  for (size_t done = 0; done < size;) done += must(write(fd, data + done, least(4096, size - done)), "write");
}

static void by_empty_writes(int fd, const uint8_t* data, size_t size) {
  for (size_t done = 0; done < size;) {
    must(write(fd, data, 0), "write");
    must(send(fd, data, 0, 0), "send");
    done += must(write(fd, data + done, least(1000, size - done)), "write");
  }
  must(write(fd, data, 0), "write");
}

// Splits [data, data + size) into at most `count` pieces, some of them empty. Gives their number.
static int split(struct iovec* vectors, int count, const uint8_t* data, size_t size) {
  size_t each = size / count + 1;
  int used = 0;
  for (size_t done = 0; used < count && (done < size || used == 0); used++) {
    size_t piece = used % 5 == 3 && used + 1 < count ? 0
                   : used + 1 == count               ? size - done
                                                     : least(each * 5 / 4 + 1, size - done);
    vectors[used] = (struct iovec){(void*)(data + done), piece};
    done += piece;
  }
  return used;
}

typedef ssize_t (*vector_call)(int fd, const struct iovec* vectors, int count);

static void by_vectors(int fd, const uint8_t* data, size_t size, int count, vector_call call) {
  struct iovec vectors[1024];
  for (size_t done = 0; done < size;) {
    int used = split(vectors, count, data + done, size - done);
    done += must(call(fd, vectors, used), "vectors");
  }
}

static ssize_t call_pwritev2(int fd, const struct iovec* vectors, int count) {
  return pwritev2(fd, vectors, count, -1, 0);
}

static ssize_t call_sendmsg(int fd, const struct iovec* vectors, int count) {
  struct msghdr message = {.msg_iov = (struct iovec*)vectors, .msg_iovlen = count};
  return sendmsg(fd, &message, 0);
}

static void by_writev(int fd, const uint8_t* data, size_t size) { by_vectors(fd, data, size, 3, writev); }
static void by_writev_1024(int fd, const uint8_t* data, size_t size) {
  by_vectors(fd, data, size, 1024, writev);
}
static void by_pwritev2(int fd, const uint8_t* data, size_t size) {
  by_vectors(fd, data, size, 3, call_pwritev2);
}
static void by_sendmsg(int fd, const uint8_t* data, size_t size) {
  by_vectors(fd, data, size, 7, call_sendmsg);
}

static void by_sendmmsg(int fd, const uint8_t* data, size_t size) {
  for (size_t done = 0; done < size;) {
    struct iovec vectors[8][2];
    struct mmsghdr messages[8] = {};
    size_t each = (size - done) / 8 + 1, at = done;
    int count = 0;
    for (; count < 8 && at < size; count++) {
      size_t piece = least(each, size - at);
      vectors[count][0] = (struct iovec){(void*)(data + at), piece / 3};
      vectors[count][1] = (struct iovec){(void*)(data + at + piece / 3), piece - piece / 3};
      messages[count].msg_hdr.msg_iov = vectors[count];
      messages[count].msg_hdr.msg_iovlen = 2;
      at += piece;
    }
    int sent = must(sendmmsg(fd, messages, count, 0), "sendmmsg");
    for (int i = 0; i < sent; i++) done += messages[i].msg_len;
  }
}

static void by_sendto(int fd, const uint8_t* data, size_t size) {
  for (size_t done = 0; done < size;)
    done += must(sendto(fd, data + done, size - done, 0, NULL, 0), "sendto");
}

static void by_msg_more(int fd, const uint8_t* data, size_t size) {
  for (size_t done = 0; done < size;) {
    size_t piece = least(3000, size - done);
    done += must(send(fd, data + done, piece, done + piece < size ? MSG_MORE : 0), "send");
  }
}

static void reap_completions(int fd) {
  char control[256];
  struct msghdr message = {.msg_control = control, .msg_controllen = sizeof(control)};
  struct pollfd ready = {fd, 0, 0};
  poll(&ready, 1, 50);
  while (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) message.msg_controllen = sizeof(control);
}

static void by_zerocopy(int fd, const uint8_t* data, size_t size) {
  int yes = 1;
  must(setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &yes, sizeof(yes)), "SO_ZEROCOPY");
  for (size_t done = 0; done < size;)
    done += must(send(fd, data + done, least(100000, size - done), MSG_ZEROCOPY), "send");
  reap_completions(fd);
}

static void by_nonblocking_writes(int fd, const uint8_t* data, size_t size) {
  int small = 4096, flags = fcntl(fd, F_GETFL);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  for (size_t done = 0; done < size;) {
    ssize_t sent = write(fd, data + done, size - done);
    if (sent >= 0) {
      done += sent;
      continue;
    }
    if (errno == ECONNRESET || errno == EPIPE) {
      // The client has gone, and so does the thread that served it.
      close(fd);
      pthread_exit(NULL);
    }
    must(errno == EAGAIN ? 0 : -1, "write");
    struct pollfd writable = {fd, POLLOUT, 0};
    poll(&writable, 1, -1);
  }
  fcntl(fd, F_SETFL, flags);
}

static void on_alarm(int signal) { (void)signal; }

static void* interrupt(void* thread) {
  for (;;) {
    usleep(2000);
    pthread_testcancel();
    pthread_kill((pthread_t)thread, SIGUSR1);
  }
  return NULL;
}

// A signal every 2 ms: blocked calls end early, with EINTR or with a part.
static void by_interrupted_writes(int fd, const uint8_t* data, size_t size) {
  struct sigaction action = {.sa_handler = on_alarm};
  pthread_t other;
  int small = 4096;
  sigaction(SIGUSR1, &action, NULL);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  pthread_create(&other, NULL, interrupt, (void*)pthread_self());
  for (size_t done = 0; done < size;) {
    ssize_t sent = write(fd, data + done, size - done);
    must(sent >= 0 || errno == EINTR ? 0 : -1, "write");
    if (sent > 0) done += sent;
  }
  pthread_cancel(other);
  pthread_join(other, NULL);
}

struct forgetful {
  uint8_t* data;
  size_t size;
};

static void* forget(void* argument) {
  struct forgetful* memory = argument;
  usleep(200000);
  madvise(memory->data, memory->size, MADV_DONTNEED);
  return NULL;
}

// The first half is sent, and its pages given back, while the call still waits for room for the rest.
static void by_forgotten_pages(int fd, const uint8_t* data, size_t size) {
  int small = 4096;
  uint8_t* copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct forgetful memory = {copy, size / 8 & ~(size_t)4095};
  pthread_t other;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  memcpy(copy, data, size);
  pthread_create(&other, NULL, forget, &memory);
  write_all(fd, copy, size);
  pthread_join(other, NULL);
  munmap(copy, size);
}

// What says where the bytes lie is given back while the call still waits for room.
static void by_forgotten_message(int fd, const uint8_t* data, size_t size) {
  int small = 4096;
  struct iovec vector = {(void*)data, size};
  struct msghdr* message = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct forgetful memory = {(uint8_t*)message, 4096};
  pthread_t other;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  *message = (struct msghdr){.msg_iov = &vector, .msg_iovlen = 1};
  pthread_create(&other, NULL, forget, &memory);
  must(sendmsg(fd, message, 0) == (ssize_t)size ? 0 : -1, "sendmsg");
  pthread_join(other, NULL);
  munmap(message, 4096);
}

// Pages of a file, none of them in memory before the call.
static void by_mapped_file(int fd, const uint8_t* data, size_t size) {
  char path[] = "/tmp/moves-XXXXXX";
  int file = must(mkstemp(path), path);
  unlink(path);
  write_all(file, data, size);
  fsync(file);
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  uint8_t* mapped = mmap(NULL, size + 1, PROT_READ, MAP_PRIVATE, file, 0);
  write_all(fd, mapped, size);
  munmap(mapped, size + 1);
  close(file);
}

struct part {
  int fd;
  const uint8_t* data;
  size_t size;
};

static void* send_part(void* argument) {
  struct part* part = argument;
  write_all(part->fd, part->data, part->size);
  return NULL;
}

static void by_two_threads(int fd, const uint8_t* data, size_t size) {
  for (size_t done = 0; done < size;) {
    struct part part = {fd, data + done, least(5000, size - done)};
    pthread_t other;
    pthread_create(&other, NULL, send_part, &part);
    pthread_join(other, NULL);
    done += part.size;
    size_t own = least(5000, size - done);
    write_all(fd, data + done, own);
    done += own;
  }
}

// Both at once: in which order the bytes go out is nobody's to say.
static void by_racing_threads(int fd, const uint8_t* data, size_t size) {
  int small = 4096;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  struct part parts[2] = {{fd, data, size / 2}, {fd, data + size / 2, size - size / 2}};
  pthread_t others[2];
  for (int i = 0; i < 2; i++) pthread_create(&others[i], NULL, send_part, &parts[i]);
  for (int i = 0; i < 2; i++) pthread_join(others[i], NULL);
}

static void by_dup(int fd, const uint8_t* data, size_t size) {
  int copy = must(dup(fd), "dup");
  write_all(copy, data, size / 2);
  close(copy);
  copy = must(dup2(fd, 900), "dup2");
  write_all(copy, data + size / 2, size - size / 2);
  close(copy);
}

const struct sender senders[] = {
    {"write", write_all},
    {"small-writes", by_small_writes},
    {"page-writes", by_page_writes},
    {"empty-writes", by_empty_writes},
    {"writev", by_writev},
    {"writev-1024", by_writev_1024},
    {"pwritev2", by_pwritev2},
    {"sendto", by_sendto},
    {"msg-more", by_msg_more},
    {"sendmsg", by_sendmsg},
    {"sendmmsg", by_sendmmsg},
    {"zerocopy", by_zerocopy},
    {"nonblocking", by_nonblocking_writes},
    {"interrupted", by_interrupted_writes},
    {"forgotten-pages", by_forgotten_pages},
    {"forgotten-message", by_forgotten_message},
    {"mapped-file", by_mapped_file},
    {"two-threads", by_two_threads},
    {"racing-threads", by_racing_threads},
    {"dup", by_dup},
    {"heir", by_heir},
    {"fork", by_fork},
    {"exec", by_exec},
    {"dying", by_dying},
    {"io-uring", by_ring},
};
const size_t sender_count = sizeof(senders) / sizeof(*senders);
