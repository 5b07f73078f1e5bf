package emulator

import (
	"encoding/json"
	"net/http"

	"postern/emulator/store"
)

// A Health is the answer of GET /_postern/health.
type Health struct {
	Status   string            `json:"status"` // "ok"
	Version  string            `json:"version"`
	Lambda   string            `json:"lambda"`            // "process" or "docker"
	Runner   string            `json:"runner"`            // the same with the reason
	DataDir  string            `json:"dataDir,omitempty"` // absent when ephemeral
	CAPath   string            `json:"caPath,omitempty"`  // of the local CA's certificate
	Services map[string]string `json:"services"`          // name → "running"
}

// services are the AWS services that Postern serves operations of.
var services = []string{"acm", "apigateway", "lambda", "iam", "sts", "logs", "s3"}

// Health says what runs and how.
func (e *Emulator) Health() Health {
	h := Health{
		Status: "ok", Version: e.config.Version, Lambda: e.launcher.Name(), Runner: e.runner,
		DataDir: e.config.DataDir, CAPath: e.ca.path, Services: map[string]string{},
	}
	for _, s := range services {
		h.Services[s] = "running"
	}
	return h
}

func (e *Emulator) health(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, e.Health())
}

// localstackHealth answers the tools that wait for LocalStack in its words.
func (e *Emulator) localstackHealth(w http.ResponseWriter, _ *http.Request) {
	h := e.Health()
	writeJSON(w, http.StatusOK, map[string]any{"services": h.Services, "edition": "postern", "version": h.Version})
}

// reset deletes all state, or that of ?account= and ?region=.
func (e *Emulator) reset(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for name := range q {
		if name != "account" && name != "region" {
			writeJSON(w, http.StatusBadRequest, map[string]string{"message": "reset takes account and region, not " + name})
			return
		}
	}
	scope := store.Scope{Account: q.Get("account"), Region: q.Get("region")}
	if err := e.Reset(r.Context(), scope); err != nil {
		e.config.Logger.Error("reset", "error", err)
		writeJSON(w, http.StatusInternalServerError, map[string]string{"message": "reset: " + err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// caCertificate hands out the CA's certificate: it is public, its key is not.
func (e *Emulator) caCertificate(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-pem-file")
	w.Write(e.ca.pem)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}
