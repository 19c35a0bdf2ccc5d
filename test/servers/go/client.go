package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
)

// get asks for each target, one after the other, on an MPTCP connection, and says what it received.
func get(address string, targets []string) {
	dialer := &net.Dialer{}
	dialer.SetMultipathTCP(true)
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	for i, target := range targets {
		request, err := http.NewRequest("GET", "http://"+address+target, nil)
		if err != nil {
			log.Fatal(err)
		}
		id := "mptcp-" + strconv.Itoa(i)
		request.Header.Set("X-Test-Id", id)
		response, err := client.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		hash := sha256.New()
		size, err := io.Copy(hash, response.Body)
		if err != nil {
			log.Fatal(err)
		}
		response.Body.Close()
		json.NewEncoder(os.Stdout).Encode(map[string]any{
			"id": id, "target": target, "status": response.StatusCode,
			"body": map[string]any{"size": size, "sha256": hex.EncodeToString(hash.Sum(nil))},
		})
	}
}
