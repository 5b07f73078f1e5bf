package issuer

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"postern/apigw/jwt"
)

// Paths of the pages.
const (
	Prefix    = "/_postern/issuer/" // of issuers' pages, by user pool id or any other name
	TokenPath = "/_postern/token"
)

// maxRequest bounds what is asked of TokenPath.
const maxRequest = 64 << 10

// Register adds the issuer's pages to a router.
func (i *Issuer) Register(r *mux.Router) {
	r.HandleFunc(Prefix+"{name}/.well-known/openid-configuration", i.discovery).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(Prefix+"{name}/.well-known/jwks.json", i.keySet).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc(TokenPath, i.token).Methods(http.MethodPost)
}

// discovery is the page of one issuer: of a user pool under that pool's own issuer URL, of
// any other name under the URL it is seen at.
func (i *Issuer) discovery(w http.ResponseWriter, r *http.Request) {
	name := mux.Vars(r)["name"]
	here := seenAt(r) + Prefix + name
	issuer, err := jwt.UserPoolIssuer(name)
	if err != nil {
		issuer = here
	}
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                issuer,
		"jwks_uri":                              here + "/.well-known/jwks.json",
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256"},
		"response_types_supported":              []string{"token"},
		"subject_types_supported":               []string{"public"},
	})
}

func seenAt(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (i *Issuer) keySet(w http.ResponseWriter, _ *http.Request) {
	text, err := i.KeySet()
	if err != nil {
		i.refuse(w, http.StatusInternalServerError, err)
		return
	}
	answer(w, http.StatusOK, json.RawMessage(text))
}

// token signs what is asked for.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	d.DisallowUnknownFields()
	d.UseNumber()
	var in Request
	if err := d.Decode(&in); err != nil {
		i.refuse(w, http.StatusBadRequest, fmt.Errorf("token request: %s", strings.TrimPrefix(err.Error(), "json: ")))
		return
	}
	t, err := i.Issue(in)
	if err != nil {
		i.refuse(w, http.StatusBadRequest, err)
		return
	}
	answer(w, http.StatusOK, t)
}

func (i *Issuer) refuse(w http.ResponseWriter, status int, err error) {
	i.o.Logger.Debug("local issuer", "error", err)
	answer(w, status, map[string]string{"message": err.Error()})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}
