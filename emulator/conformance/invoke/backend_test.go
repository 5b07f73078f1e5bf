package invoke

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var othersEachTime = []string{"X-Amzn-Trace-Id", "X-Amzn-Apigateway-Api-Id", "X-Amz-Cf-Id", "X-Forwarded-For", "User-Agent"}

// backend answers what it was asked, with the status that the path begins with: /418/any. At /slow it takes its time.
func backend(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	status, _ := strconv.Atoi(strings.SplitN(r.URL.Path, "/", 3)[1])
	headers := map[string][]string{}
	for name, values := range r.Header {
		if !strings.HasPrefix(name, "Cloudfront-") && !slices.Contains(othersEachTime, name) {
			headers[name] = values
		}
	}
	if r.URL.Path == "/slow" {
		time.Sleep(300 * time.Millisecond)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Backend", "yes")
	w.WriteHeader(max(status, 200))
	asked := map[string]any{"method": r.Method, "uri": r.RequestURI, "headers": headers, "body": string(body)}
	if !strings.HasPrefix(r.Host, "127.") { // by a VPC link
		asked["host"] = r.Host
	}
	json.NewEncoder(w).Encode(asked)
}

// newSecure makes a server with a certificate that nobody has signed, which asks for one.
func newSecure() *httptest.Server {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, shown := range r.TLS.PeerCertificates {
			fmt.Fprintln(w, shown.Subject)
			return
		}
		fmt.Fprintln(w, "nobody")
	}))
	s.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // who does not trust it hangs up
	s.StartTLS()
	return s
}

// newGate makes a server that answers "first ", and "last" when the gate is open.
func newGate(t *testing.T, open <-chan struct{}) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first ")
		w.(http.Flusher).Flush()
		select {
		case <-open:
			io.WriteString(w, "last")
		case <-time.After(10 * time.Second):
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}
