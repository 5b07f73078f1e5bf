package portal

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
)

// prefix is where the pages of all portals are on every host.
const prefix = "/_postern/portals/"

// Path is where the pages of a portal are, or those of its preview.
func Path(id string, preview bool) string {
	if preview {
		return prefix + id + "/preview/"
	}
	return prefix + id + "/"
}

// Options say what a Site works with. Load is required.
type Options struct {
	// Load reads what readers of a portal see, or returns ErrNone.
	Load   func(ctx context.Context, id string, preview bool) (Publication, error)
	Logger *slog.Logger // nil discards
}

// A Site serves the pages of portals.
type Site struct{ o Options }

// New makes a Site.
func New(o Options) *Site {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Site{o}
}

// IDOfHost is the portal whose default domain name, p-{id}.apigw-portal.…, a host is.
func IDOfHost(host string) (id string, ok bool) {
	label, rest, _ := strings.Cut(host, ".")
	if next, _, _ := strings.Cut(rest, "."); next != "apigw-portal" {
		return "", false
	}
	return strings.CutPrefix(label, "p-")
}

// ServeHTTP serves the pages of all portals, below /_postern/portals/{id}/.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, rest, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, prefix), "/")
	if !ok {
		http.Redirect(w, r, Path(id, false), http.StatusFound)
		return
	}
	below, preview := strings.CutPrefix(rest, "preview/")
	s.serve(w, r, view{Base: Path(id, preview), path: below, id: id, Preview: preview})
}

// At serves the pages of one portal at the root of its host.
func (s *Site) At(id string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, view{Base: "/", path: strings.TrimPrefix(r.URL.Path, "/"), id: id})
	})
}

// A view is one page.
type view struct {
	*Publication
	Base     string // that links begin with
	Preview  bool
	Product  *Product
	Page     *Page
	Endpoint *Endpoint
	Title    string
	Invoke   string // where the endpoint is called here
	Problem  string // in place of all else

	id, path string
}

//go:embed site.css
var siteCSS string

func (s *Site) serve(w http.ResponseWriter, r *http.Request, v view) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src https: http: data:; base-uri 'none'; form-action 'none'")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case v.path == "style.css":
		p, _ := s.o.Load(r.Context(), v.id, v.Preview) // without one the default colors will do
		h.Set("Content-Type", "text/css; charset=utf-8")
		io.WriteString(w, siteCSS+p.Colors.css())
	default:
		s.page(w, r, v)
	}
}

// page writes the page of a path.
func (s *Site) page(w http.ResponseWriter, r *http.Request, v view) {
	status := http.StatusOK
	p, err := s.o.Load(r.Context(), v.id, v.Preview)
	v.Publication = &p
	switch {
	case errors.Is(err, ErrNone):
		status, v.Title, v.Problem = http.StatusNotFound, "No such portal", "There is no portal of this name, or it is not published."
	case err != nil:
		s.o.Logger.Error("portal", "portal", v.id, "error", err)
		status, v.Title, v.Problem = http.StatusInternalServerError, "Internal server error", "The portal cannot be shown."
	case p.SignIn: // nothing is shown to who has not signed in
		status, v.Title, v.Problem = http.StatusForbidden, p.Name, "Readers of this portal sign in with Amazon Cognito, which Postern does not emulate: its pages are not shown."
	case !v.find():
		status, v.Title, v.Problem = http.StatusNotFound, "Not found", "The portal has no such page."
	}
	if v.Endpoint != nil {
		v.Invoke = invokeURL(r, v.Endpoint)
	}
	var out bytes.Buffer
	if err := v.write(&out); err != nil {
		s.o.Logger.Error("portal", "portal", v.id, "error", err)
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(out.Bytes())
}

// find fills in what the path names: "", "products/{id}/", "products/{id}/pages/{id}/" or
// "products/{id}/endpoints/{id}/".
func (v *view) find() bool {
	v.Title = v.Name
	if v.path == "" {
		return true
	}
	part := strings.Split(strings.TrimSuffix(v.path, "/"), "/")
	if part[0] != "products" || len(part) != 2 && len(part) != 4 {
		return false
	}
	if v.Product = v.product(part[1]); v.Product == nil {
		return false
	}
	if len(part) == 2 {
		v.Title, v.Page = v.Product.Name, v.Product.Overview
		return true
	}
	switch part[2] {
	case "pages":
		if v.Page = v.Product.page(part[3]); v.Page != nil {
			v.Title = v.Page.Title
		}
		return v.Page != nil
	case "endpoints":
		if v.Endpoint = v.Product.endpoint(part[3]); v.Endpoint != nil {
			v.Title = v.Endpoint.Title()
		}
		return v.Endpoint != nil
	}
	return false
}

// Title is how links to an endpoint name it.
func (e *Endpoint) Title() string {
	if e.Name != "" {
		return e.Name
	}
	return e.Method + " " + e.Path
}

// invokeURL is where an endpoint is called: as its author says, else at Postern on the port that the page
// was asked of.
func invokeURL(r *http.Request, e *Endpoint) string {
	if e.URL != "" {
		return e.URL
	}
	scheme, port := "http", ""
	if r.TLS != nil {
		scheme = "https"
	}
	if _, p, err := net.SplitHostPort(r.Host); err == nil {
		port = ":" + p
	}
	return scheme + "://" + e.API + ".execute-api.localhost" + port + "/" + e.Stage + e.Path
}
