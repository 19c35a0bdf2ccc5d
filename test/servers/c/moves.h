// A server that moves each body by the system call that the request names. No real server uses most of them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// GET /send/NAME/SIZE: sends `size` bytes at `data`, all of them, by the means that NAME stands for.
struct sender {
  const char* name;
  void (*send)(int fd, const uint8_t* data, size_t size);
};
extern const struct sender senders[];
extern const size_t sender_count;

// POST /receive/NAME/SIZE: receives `size` bytes.
struct receiver {
  const char* name;
  void (*receive)(int fd, size_t size);
};
extern const struct receiver receivers[];
extern const size_t receiver_count;

// GET /file/NAME/SIZE: sends the `size` bytes of `file` from its offset `file_skip` on.
struct file_sender {
  const char* name;
  void (*send)(int fd, int file, size_t size);
};
extern const struct file_sender file_senders[];
extern const size_t file_sender_count;

// Neither the start of a page, nor of anything else.
enum { file_skip = 1234 };

// POST /echo/splice/SIZE: what comes goes back, and never enters this process.
void echo_by_splice(int fd, size_t size);
// POST /echo/duplex/SIZE: one thread receives what another sends back.
void echo_by_threads(int fd, size_t size);

// Other processes that answer in this one's stead.
void start_heir(void);
void by_heir(int fd, const uint8_t* data, size_t size);
void by_fork(int fd, const uint8_t* data, size_t size);
void by_exec(int fd, const uint8_t* data, size_t size);
void by_dying(int fd, const uint8_t* data, size_t size);
// What an exec'ed copy of this program does: its arguments are FD SIZE.
void answer_after_exec(int fd, size_t size);

// io_uring: moves bytes past every traced system call.
void by_ring(int fd, const uint8_t* data, size_t size);
void receive_by_ring(int fd, size_t size);

// Lets the kernel do the connection's TLS (1.2, AES-128-GCM), with keys that the client knows too: there is
// no handshake. False where the client has gone already.
bool encrypt(int fd);

// Ends the program with a message where `result` is negative.
long must(long result, const char* what);
void write_all(int fd, const uint8_t* data, size_t size);
uint8_t* allocate(size_t size);
void fill_random(uint8_t* data, size_t size);
