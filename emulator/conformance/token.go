package conformance

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
)

// Token asks the local issuer of a Postern at an address for a token that says what a request in JSON does.
func Token(t *testing.T, addr string, request []byte) string {
	t.Helper()
	res, err := http.Post("http://"+addr+"/_postern/token", "application/json", bytes.NewReader(request))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out struct{ Token string }
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || out.Token == "" {
		t.Fatal(res.Status, err)
	}
	return out.Token
}
