// Go's net/http, which keeps its connections; the same as sender.py, which says how it works.
package main

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	small    = 5
	large    = 3_000 // more than nginx's own limit, 1 MB
	patience = 240 * time.Second
	timeout  = 60 * time.Second // of one try
)

// A way to send a batch.
type way struct {
	count int
	post  func(url string, events []string) (*http.Response, error)
}

var client = &http.Client{Timeout: timeout}

func array(events []string) string { return "[" + strings.Join(events, ",\n") + "]" }

func lines(events []string) string { return strings.Join(events, "\n") + "\n" }

func request(url, kind, coding string, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequest(http.MethodPost, url, body)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	if coding != "" {
		request.Header.Set("Content-Encoding", coding)
	}
	return client.Do(request)
}

func asText(url string, events []string) (*http.Response, error) {
	return client.Post(url, "application/json", strings.NewReader(array(events)))
}

// Without a length: Go sends it in chunks.
func asStream(url string, events []string) (*http.Response, error) {
	reader, writer := io.Pipe()
	go func() {
		for _, event := range events {
			if _, err := io.WriteString(writer, event+"\n"); err != nil {
				return
			}
		}
		writer.Close()
	}()
	return request(url, "application/x-ndjson", "", reader)
}

func packed(coding string, pack func(io.Writer) io.WriteCloser) func(string, []string) (*http.Response, error) {
	return func(url string, events []string) (*http.Response, error) {
		var body bytes.Buffer
		writer := pack(&body)
		if _, err := io.WriteString(writer, lines(events)); err != nil {
			log.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			log.Fatal(err)
		}
		return request(url, "application/jsonl", coding, &body)
	}
}

func asExpected(url string, events []string) (*http.Response, error) {
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(array(events)))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Expect", "100-continue")
	return client.Do(request)
}

var ways = []way{
	{small, asText},
	{large, asText},
	{small, asStream},
	{small, packed("gzip", func(out io.Writer) io.WriteCloser { return gzip.NewWriter(out) })},
	{small, packed("deflate", func(out io.Writer) io.WriteCloser { return zlib.NewWriter(out) })},
	{small, asExpected},
}

// Whether the batch was taken; ends the program at an answer that no restart explains.
func isTaken(prefix string, count int, answer *http.Response) bool {
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return false
	}
	switch answer.StatusCode {
	case 408, 500, 502, 503, 504:
		return false
	case 201, 202:
	default:
		log.Fatalf("%s: %d %s", prefix, answer.StatusCode, text)
	}
	var taken struct{ Saved, Failed int }
	if err := json.Unmarshal(text, &taken); err != nil || taken.Saved != count || taken.Failed != 0 {
		log.Fatalf("%s: %s", prefix, text)
	}
	return true
}

func send(way way, url, prefix, template, acknowledged string) {
	events := make([]string, way.count)
	for i := range events {
		events[i] = strings.Replace(template, "ID-OF-THE-EVENT", fmt.Sprintf("%s-%d", prefix, i), 1)
	}
	for until := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		answer, err := way.post(url, events)
		if err == nil && isTaken(prefix, way.count, answer) {
			break
		}
		if time.Now().After(until) {
			log.Fatalf("%s: %v", prefix, err)
		}
	}
	file, err := os.OpenFile(acknowledged, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	if _, err := fmt.Fprintf(file, "%s %d\n", prefix, way.count); err != nil {
		log.Fatal(err)
	}
}

func main() {
	template, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	acknowledged, stop, urls := os.Args[2], os.Args[3], os.Args[4:]
	for round := 0; ; round++ {
		for w, way := range ways {
			for u, url := range urls {
				if _, err := os.Stat(stop); err == nil {
					return
				}
				prefix := fmt.Sprintf("fb-go-%d-%d-%d", round, w, u)
				send(way, url, prefix, strings.TrimSpace(string(template)), acknowledged)
			}
		}
	}
}
