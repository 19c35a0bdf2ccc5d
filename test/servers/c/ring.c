#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "moves.h"

struct ring {
  int fd;
  uint8_t* queues;
  struct io_uring_sqe* entries;
  struct io_uring_params parameters;
};

static struct ring open_ring(void) {
  struct ring ring = {};
  ring.fd = must(syscall(SYS_io_uring_setup, 1, &ring.parameters), "io_uring_setup");
  ring.queues = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQ_RING);
  ring.entries = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQES);
  return ring;
}

static void close_ring(struct ring ring) {
  munmap(ring.queues, 4096);
  munmap(ring.entries, 4096);
  close(ring.fd);
}

static uint32_t* word(struct ring ring, uint32_t offset) { return (uint32_t*)(ring.queues + offset); }

// One operation, and its result.
static long perform(struct ring ring, uint8_t operation, int fd, const uint8_t* data, size_t size) {
  memset(ring.entries, 0, sizeof(*ring.entries));
  ring.entries->opcode = operation;
  ring.entries->fd = fd;
  ring.entries->addr = (uintptr_t)data;
  ring.entries->len = size;
  *word(ring, ring.parameters.sq_off.array) = 0;
  __atomic_add_fetch(word(ring, ring.parameters.sq_off.tail), 1, __ATOMIC_RELEASE);
  must(syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0), "io_uring_enter");
  uint32_t head = *word(ring, ring.parameters.cq_off.head);
  struct io_uring_cqe* completions = (struct io_uring_cqe*)(ring.queues + ring.parameters.cq_off.cqes);
  long result = completions[head & *word(ring, ring.parameters.cq_off.ring_mask)].res;
  __atomic_store_n(word(ring, ring.parameters.cq_off.head), head + 1, __ATOMIC_RELEASE);
  return must(result, "io_uring");
}

void by_ring(int fd, const uint8_t* data, size_t size) {
  struct ring ring = open_ring();
  for (size_t done = 0; done < size;) done += perform(ring, IORING_OP_SEND, fd, data + done, size - done);
  close_ring(ring);
}

void receive_by_ring(int fd, size_t size) {
  struct ring ring = open_ring();
  uint8_t* data = allocate(size);
  for (size_t done = 0; done < size;) done += perform(ring, IORING_OP_RECV, fd, data + done, size - done);
  free(data);
  close_ring(ring);
}
