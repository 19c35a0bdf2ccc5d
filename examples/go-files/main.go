// A file server to be debugged: files by sendfile, and a small API.
package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

const largeFileSize = 1 << 20

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	address := flag.String("address", net.JoinHostPort("127.0.0.1", port), "address to listen on")
	flag.Parse()

	files := filepath.Join(sourceFolder(), "files")
	if err := ensureLargeFile(filepath.Join(files, "large.bin")); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("GET /files/{name}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join(files, filepath.Base(r.PathValue("name"))))
	})
	http.HandleFunc("GET /api/hello", hello)
	http.HandleFunc("POST /api/echo", echo)

	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}

func hello(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{
		"message": "hello, " + r.UserAgent(),
		"time":    time.Now().Format(time.RFC3339),
	})
}

func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
	io.Copy(w, r.Body)
}

// sourceFolder is where this file was compiled from: the debugger may start the program anywhere.
func sourceFolder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

// ensureLargeFile makes a file that takes several system calls to send.
func ensureLargeFile(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	content := make([]byte, largeFileSize)
	if _, err := rand.Read(content); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
