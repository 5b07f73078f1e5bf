// Command extension is an external extension that prints what it is told of, and what telemetry it gets.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

var api = "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API")

// call makes one call of the API.
func call(method, path, body string, headers ...string) (string, http.Header) {
	req, err := http.NewRequest(method, api+path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set("Lambda-Extension-"+headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		panic(fmt.Sprint(res.Status, " ", string(b), err))
	}
	return string(b), res.Header
}

// told prints the types of records.
func told(_ http.ResponseWriter, r *http.Request) {
	var records []struct{ Type string }
	if err := json.NewDecoder(r.Body).Decode(&records); err != nil {
		panic(err)
	}
	for _, record := range records {
		fmt.Println("telemetry:", record.Type)
	}
}

func main() {
	if os.Getenv("CRASH") != "" {
		os.Exit(7)
	}
	_, h := call("POST", "/2020-01-01/extension/register", `{"events":["INVOKE","SHUTDOWN"]}`, "Name", filepath.Base(os.Args[0]))
	id := h.Get("Lambda-Extension-Identifier")
	ln, err := net.Listen("tcp", ":8080")
	if err != nil {
		panic(err)
	}
	go http.Serve(ln, http.HandlerFunc(told))
	call("PUT", "/2022-07-01/telemetry", `{"schemaVersion":"2022-12-13","types":["platform"],"buffering":{"timeoutMs":25},`+
		`"destination":{"protocol":"HTTP","URI":"http://sandbox.localdomain:8080"}}`, "Identifier", id)
	for {
		body, _ := call("GET", "/2020-01-01/extension/event/next", "", "Identifier", id)
		var event struct{ EventType, ShutdownReason string }
		if err := json.Unmarshal([]byte(body), &event); err != nil {
			panic(err)
		}
		fmt.Println("event:", event.EventType, event.ShutdownReason, "as", os.Getuid())
		if event.EventType == "SHUTDOWN" {
			return
		}
	}
}
