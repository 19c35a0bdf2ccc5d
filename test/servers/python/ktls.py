"""HTTP over TLS that the kernel does after OpenSSL's handshake: each response ends with its connection, after an alert that
says so. Arguments: port, file with certificate and key."""

import os
import socket
import ssl
import sys

ENABLE_KTLS = 1 << 3  # SSL_OP_ENABLE_KTLS, which the module has a name for from 3.12 on

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
context.maximum_version = ssl.TLSVersion.TLSv1_2
context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
context.options |= ENABLE_KTLS
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    accepted, _ = listener.accept()
    try:
        connection = context.wrap_socket(accepted, server_side=True)
    except OSError:
        continue  # somebody who only asked whether we listen
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    size = int(head.split()[1].split(b"/")[-1])
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + os.urandom(size))
    try:
        connection.unwrap().close()
    except OSError:
        connection.close()  # the client didn't wait for our alert, or sent none
