package main

import (
	"io"
	"log"
	"net"
)

// proxy moves bytes between each connection and one to upstream: by splice, which io.Copy chooses for two sockets.
func proxy(address, upstream string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	for {
		down, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		up, err := net.Dial("tcp", upstream)
		if err != nil {
			log.Fatal(err)
		}
		go pump(up.(*net.TCPConn), down.(*net.TCPConn))
		go pump(down.(*net.TCPConn), up.(*net.TCPConn))
	}
}

func pump(to, from *net.TCPConn) {
	io.Copy(to, from)
	to.CloseWrite()
}
