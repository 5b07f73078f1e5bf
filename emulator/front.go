package emulator

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"postern/emulator/portal"
	"postern/emulator/s3"
)

// front is where every request comes in. In this order it goes to a bucket if the host
// is one's, since keys may look like anything, to Postern's own pages, to a deployed API
// if its URL is an invoke URL, to S3 if it is signed for it, or to the management APIs,
// which answer what they do not know with AWS's error.
func (e *Emulator) front() http.Handler {
	own, management := e.ownPages(), e.management()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case s3.HasBucketHost(r.Host) && e.domains.Lookup(hostname(r)) == nil:
			e.serveS3(w, r)
		case isOwn(r.URL.Path):
			if !e.originAllowed(r) {
				refuseOrigin(w)
				return
			}
			own.ServeHTTP(w, r)
		case e.gateway.TryServe(w, r):
		case e.tryPortal(w, r):
		case s3.Matches(r):
			e.serveS3(w, r)
		case !e.originAllowed(r):
			refuseOrigin(w)
		default:
			management.ServeHTTP(w, r)
		}
	})
}

// serveS3 answers a request to S3, which web pages of other sites may not make either.
func (e *Emulator) serveS3(w http.ResponseWriter, r *http.Request) {
	if !e.originAllowed(r) {
		refuseOrigin(w)
		return
	}
	e.s3.ServeHTTP(w, r)
}

// hostname is the host of a request without its port.
func hostname(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return r.Host
}

// isOwn tells the paths that are neither AWS's nor a user's API.
func isOwn(path string) bool {
	return strings.HasPrefix(path, "/_postern/") || strings.HasPrefix(path, "/_localstack/")
}

// ownPages are health, reset, the CA's certificate, portals, functions' code and the local issuer.
func (e *Emulator) ownPages() http.Handler {
	r := mux.NewRouter()
	r.HandleFunc("/_postern/health", e.health).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/_localstack/health", e.localstackHealth).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/_localstack/info", e.localstackHealth).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/_postern/reset", e.reset).Methods(http.MethodPost)
	r.HandleFunc("/_postern/ca.pem", e.caCertificate).Methods(http.MethodGet)
	e.issuer.Register(r)
	r.PathPrefix("/_postern/portals/").Handler(e.portals)
	r.PathPrefix("/_postern/lambda/").Handler(e.lambda.Handler())
	r.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusNotFound, map[string]string{
			"message": "Postern has no page " + r.URL.Path,
			"hint":    "there are /_postern/health, /_postern/reset (POST), /_postern/ca.pem, /_postern/portals/{portal}/, /_postern/token (POST), /_postern/issuer/{pool}/.well-known/jwks.json and /_localstack/health",
		})
	})
	return r
}

// tryPortal serves a portal at its default domain name, and tells whether the request is for one.
func (e *Emulator) tryPortal(w http.ResponseWriter, r *http.Request) bool {
	id, ok := portal.IDOfHost(r.Host)
	if ok {
		e.portals.At(id).ServeHTTP(w, r)
	}
	return ok
}

// originAllowed keeps web pages of other sites from driving the management APIs
// through a visitor's browser: a request with an Origin must come from a local page
// or one that was allowed. Deployed APIs decide for themselves.
func (e *Emulator) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(e.config.AllowedOrigins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

func refuseOrigin(w http.ResponseWriter) {
	w.Header().Set("x-amzn-ErrorType", "AccessDeniedException")
	writeJSON(w, http.StatusForbidden, map[string]string{
		"message": "This web origin may not use the management API. Start Postern with --allow-origin to let it.",
	})
}
