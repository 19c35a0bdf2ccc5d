#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "moves.h"

static int heir;  // our end of the socket pair

static void wait_for(pid_t child) {
  int status;
  must(waitpid(child, &status, 0), "waitpid");
  must(status == 0 ? 0 : -1, "child");
}

// Takes a connection and what to send on it, as long as there is somebody to hand them over.
static void inherit(int from) {
  for (;;) {
    size_t size = 0;
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec vector = {&size, sizeof(size)};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    if (recvmsg(from, &message, 0) <= 0) _exit(0);
    int fd;
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
    uint8_t* data = allocate(size);
    must(recv(from, data, size, MSG_WAITALL), "recv");
    write_all(fd, data, size);
    close(fd);
    free(data);
    write_all(from, (uint8_t*)"!", 1);
  }
}

void start_heir(void) {
  int ends[2];
  must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
  if (must(fork(), "fork") == 0) {
    close(ends[0]);
    inherit(ends[1]);
  }
  close(ends[1]);
  heir = ends[0];
}

// One at a time: the suite asks for no two of these at once.
void by_heir(int fd, const uint8_t* data, size_t size) {
  char control[CMSG_SPACE(sizeof(int))] = {}, done;
  struct iovec vector = {&size, sizeof(size)};
  struct msghdr message = {
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
  memcpy(CMSG_DATA(header), &fd, sizeof(fd));
  must(sendmsg(heir, &message, 0), "sendmsg");
  write_all(heir, data, size);
  must(recv(heir, &done, 1, 0), "recv");
}

// The child was born after the accept; both send a half.
void by_fork(int fd, const uint8_t* data, size_t size) {
  pid_t child = must(fork(), "fork");
  if (child == 0) {
    write_all(fd, data, size / 2);
    _exit(0);
  }
  wait_for(child);
  write_all(fd, data + size / 2, size - size / 2);
}

void by_exec(int fd, const uint8_t* data, size_t size) {
  (void)data;
  pid_t child = must(fork(), "fork");
  if (child == 0) {
    char words[2][32];
    snprintf(words[0], sizeof(words[0]), "%d", fd);
    snprintf(words[1], sizeof(words[1]), "%zu", size);
    fcntl(fd, F_SETFD, 0);
    execl("/proc/self/exe", "moves", words[0], words[1], (char*)NULL);
    _exit(1);
  }
  wait_for(child);
}

void answer_after_exec(int fd, size_t size) {
  uint8_t* data = allocate(size);
  fill_random(data, size);
  write_all(fd, data, size);
  free(data);
}

// The last process that has the connection sends half of the body and ends without closing anything.
void by_dying(int fd, const uint8_t* data, size_t size) {
  int nothing = must(open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null");
  pid_t child = must(fork(), "fork");
  if (child == 0) {
    usleep(50000);
    write_all(fd, data, size / 2);
    _exit(0);
  }
  must(dup2(nothing, fd), "dup2");
  close(nothing);
  wait_for(child);
}
