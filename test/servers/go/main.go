// A server for the kernel suite: files by sendfile, dynamic bodies by write. Arguments: address, folder of files.
// With `get ADDRESS TARGET…` a client, with `proxy ADDRESS UPSTREAM` a TCP proxy.
package main

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
)

func main() {
	switch os.Args[1] {
	case "get":
		get(os.Args[2], os.Args[3:])
		return
	case "proxy":
		proxy(os.Args[2], os.Args[3])
		return
	}
	address, files := os.Args[1], os.Args[2]
	http.HandleFunc("GET /files/{name}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join(files, filepath.Base(r.PathValue("name"))))
	})
	http.HandleFunc("GET /bytes/{size}", func(w http.ResponseWriter, r *http.Request) {
		body := random(r.PathValue("size"))
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	})
	http.HandleFunc("GET /stream/{size}", stream)
	http.HandleFunc("GET /json/{count}", list)
	http.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	})
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Addr: address, Protocols: protocols}
	// By Go's own listener, which is an MPTCP one since 1.24.
	log.Fatal(server.ListenAndServe())
}

func random(size string) []byte {
	n, _ := strconv.Atoi(size)
	body := make([]byte, n)
	rand.Read(body)
	return body
}

// stream sends chunks of all sizes, each as soon as it is there.
func stream(w http.ResponseWriter, r *http.Request) {
	body := random(r.PathValue("size"))
	for step := 1; len(body) > 0; step = step*3 + 1 {
		piece := body[:min(step, len(body))]
		body = body[len(piece):]
		w.Write(piece)
		w.(http.Flusher).Flush()
	}
}

func list(w http.ResponseWriter, r *http.Request) {
	count, _ := strconv.Atoi(r.PathValue("count"))
	items := make([]map[string]any, count)
	for i := range items {
		items[i] = map[string]any{"id": i, "name": "item " + strconv.Itoa(i)}
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(items)
}
