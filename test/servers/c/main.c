#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "moves.h"

long must(long result, const char* what) {
  if (result >= 0) return result;
  perror(what);
  exit(1);
}

void write_all(int fd, const uint8_t* data, size_t size) {
  for (size_t done = 0; done < size;) done += must(write(fd, data + done, size - done), "write");
}

uint8_t* allocate(size_t size) {
  uint8_t* data = malloc(size + 1);
  if (!data) must(-1, "malloc");
  return data;
}

void fill_random(uint8_t* data, size_t size) {
  static __thread uint64_t state;
  if (state == 0) must(getrandom(&state, sizeof(state), 0), "getrandom");
  for (size_t i = 0; i < size; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    data[i] = state >> 56;
  }
}

static void answer(int fd, const char* text, size_t size) {
  char head[256];
  int length = snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", text, size);
  write_all(fd, (uint8_t*)head, length);
}

static void get_sent(int fd, const char* name, size_t size) {
  for (size_t i = 0; i < sender_count; i++) {
    if (strcmp(senders[i].name, name) != 0) continue;
    uint8_t* data = allocate(size);
    fill_random(data, size);
    answer(fd, "200 OK", size);
    senders[i].send(fd, data, size);
    free(data);
    return;
  }
  answer(fd, "404 Not Found", 0);
}

// The file has no name, so nothing is left behind.
static int random_file(size_t size) {
  const char* folder = getenv("MOVES_FILES");
  char path[4096];
  snprintf(path, sizeof(path), "%s/moves-XXXXXX", folder ? folder : "/tmp");
  int file = must(mkstemp(path), path);
  unlink(path);
  uint8_t* data = allocate(size);
  fill_random(data, size);
  write_all(file, data, size);
  free(data);
  return file;
}

static void get_file(int fd, const char* name, size_t size) {
  for (size_t i = 0; i < file_sender_count; i++) {
    if (strcmp(file_senders[i].name, name) != 0) continue;
    int file = random_file(size + file_skip + 100);
    lseek(file, file_skip, SEEK_SET);
    answer(fd, "200 OK", size);
    file_senders[i].send(fd, file, size);
    close(file);
    return;
  }
  answer(fd, "404 Not Found", 0);
}

// Sizes beyond what anyone wants on a disk: a file of zeros that has no blocks.
static void get_sparse(int fd, size_t size) {
  int file = random_file(0);
  must(ftruncate(file, size), "ftruncate");
  answer(fd, "200 OK", size);
  for (size_t i = 0; i < file_sender_count; i++)
    if (strcmp(file_senders[i].name, "position") == 0) file_senders[i].send(fd, file, size);
  close(file);
}

// A file that lies below an overlay is copied up, with other bytes, after it was opened.
static void get_copied_up(int fd, size_t size) {
  const char* folder = getenv("MOVES_FILES");
  char path[4096];
  snprintf(path, sizeof(path), "%s/below", folder ? folder : "/tmp");
  int file = must(open(path, O_RDONLY), path), above = must(open(path, O_WRONLY), path);
  uint8_t* data = allocate(size);
  must(read(file, data, size), "read");  // so what lies below is in the page cache
  lseek(file, 0, SEEK_SET);
  fill_random(data, size);
  write_all(above, data, size);
  free(data);
  close(above);
  answer(fd, "200 OK", size);
  while (size > 0) size -= must(sendfile(fd, file, NULL, size), "sendfile");
  close(file);
}

static void post(int fd, const char* name, size_t size) {
  for (size_t i = 0; i < receiver_count; i++) {
    if (strcmp(receivers[i].name, name) != 0) continue;
    receivers[i].receive(fd, size);
    answer(fd, "200 OK", 2);
    write_all(fd, (uint8_t*)"ok", 2);
    return;
  }
  answer(fd, "404 Not Found", 0);
}

static void serve_request(int fd, const char* head) {
  char method[8], kind[16], name[32];
  size_t size = 0;
  if (sscanf(head, "%7s /%15[^/]/%31[^/]/%zu", method, kind, name, &size) != 4) {
    answer(fd, "400 Bad Request", 0);
    return;
  }
  // So the body comes apart from the head, and no receiver finds a piece of it gone.
  if (strstr(head, "100-continue")) write_all(fd, (uint8_t*)"HTTP/1.1 100 Continue\r\n\r\n", 25);
  if (strcmp(kind, "send") == 0) get_sent(fd, name, size);
  if (strcmp(kind, "file") == 0) get_file(fd, name, size);
  if (strcmp(kind, "sparse") == 0) get_sparse(fd, size);
  if (strcmp(kind, "copied-up") == 0) get_copied_up(fd, size);
  if (strcmp(kind, "receive") == 0) post(fd, name, size);
  if (strcmp(kind, "echo") == 0) {
    answer(fd, "200 OK", size);
    (strcmp(name, "splice") == 0 ? echo_by_splice : echo_by_threads)(fd, size);
  }
}

static void* serve_connection(void* argument) {
  int fd = (intptr_t)argument;
  char head[16384];
  size_t length = 0;
  for (;;) {
    ssize_t got = read(fd, head + length, sizeof(head) - 1 - length);
    if (got <= 0) break;
    length += got;
    head[length] = 0;
    if (!strstr(head, "\r\n\r\n")) continue;
    serve_request(fd, head);
    length = 0;
  }
  close(fd);
  return NULL;
}

static int listen_on(const char* where) {
  int fd, yes = 1;
  if (where[0] == '/') {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, where, sizeof(address.sun_path) - 1);
    fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    must(bind(fd, (struct sockaddr*)&address, sizeof(address)), "bind");
  } else {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(atoi(where)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    must(bind(fd, (struct sockaddr*)&address, sizeof(address)), "bind");
  }
  must(listen(fd, 1024), "listen");
  return fd;
}

// moves PORT, or moves /PATH for an AF_UNIX socket; MOVES_FILES says where its files lie, MOVES_TLS that it
// speaks kTLS.
int main(int count, char** arguments) {
  signal(SIGPIPE, SIG_IGN);
  if (count == 3) {
    answer_after_exec(atoi(arguments[1]), atol(arguments[2]));
    return 0;
  }
  if (count != 2) return 2;
  start_heir();
  int listener = listen_on(arguments[1]);
  for (;;) {
    int fd = must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    if (getenv("MOVES_TLS") && !encrypt(fd)) {
      close(fd);
      continue;
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve_connection, (void*)(intptr_t)fd) != 0) must(-1, "thread");
    pthread_detach(thread);
  }
}
