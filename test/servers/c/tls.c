#include <linux/tls.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "moves.h"

#ifndef SOL_TLS
#define SOL_TLS 282
#endif

// test/kernel/harness/tls-records.ts has the same.
static bool set_key(int fd, int direction, uint8_t salt) {
  struct tls12_crypto_info_aes_gcm_128 info = {
      .info = {.version = TLS_1_2_VERSION, .cipher_type = TLS_CIPHER_AES_GCM_128}};
  memset(info.key, 0x11, sizeof(info.key));
  memset(info.salt, salt, sizeof(info.salt));
  return setsockopt(fd, SOL_TLS, direction, &info, sizeof(info)) == 0;
}

bool encrypt(int fd) {
  return setsockopt(fd, SOL_TCP, TCP_ULP, "tls", sizeof("tls")) == 0 && set_key(fd, TLS_TX, 0x22) &&
         set_key(fd, TLS_RX, 0x33);
}
