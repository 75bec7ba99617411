// Sends a file of events with Go's own library: go run send.go URL FILE
//
// Exit code: 0 all events are stored, 1 some are invalid, 2 it is not known that any is stored.
// (go run makes 1 of both; go build keeps them.)
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

const (
	tries   = 10
	timeout = 30 * time.Second // of a whole attempt
)

func pack(events []byte) ([]byte, error) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(events); err != nil {
		return nil, err
	}
	err := writer.Close()
	return packed.Bytes(), err
}

// post gives the answer's status, how long to wait where it says so, and its body.
func post(client *http.Client, url string, body []byte) (int, time.Duration, []byte, error) {
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Content-Encoding", "gzip")
	if key := os.Getenv("API_KEY"); key != "" {
		request.Header.Set("X-API-Key", key)
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, 0, nil, err
	}
	defer answer.Body.Close()
	seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, time.Duration(seconds) * time.Second, text, err
}

func isComeAgain(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable,
		http.StatusGatewayTimeout:
		return true
	}
	return false
}

// send repeats the whole batch until it is answered: an event that comes twice is stored once.
func send(url string, events []byte) (int, []byte, error) {
	body, err := pack(events)
	if err != nil {
		return 0, nil, err
	}
	client := &http.Client{Timeout: timeout}
	for attempt := 0; attempt < tries; attempt++ {
		status, wait, answer, err := post(client, url, body)
		if err == nil && !isComeAgain(status) {
			return status, answer, nil
		}
		if wait == 0 {
			wait = time.Second << min(attempt, 5)
		}
		fmt.Fprintf(os.Stderr, "status %d %v; again in %v\n", status, err, wait)
		time.Sleep(wait)
	}
	return 0, nil, errors.New("no answer")
}

func min(one, other int) int {
	if one < other {
		return one
	}
	return other
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "send URL FILE")
		os.Exit(64)
	}
	events, err := os.ReadFile(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	status, answer, err := send(os.Args[1], events)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Println(string(answer))
	var told struct{ Failed *int }
	switch status {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusUnprocessableEntity:
	default:
		os.Exit(2)
	}
	if json.Unmarshal(answer, &told) != nil || told.Failed == nil {
		os.Exit(2)
	}
	if *told.Failed > 0 {
		os.Exit(1)
	}
}
