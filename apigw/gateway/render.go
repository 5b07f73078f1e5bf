package gateway

import (
	"encoding/json"
	"net/http"
	"strconv"

	"postern/apigw"
)

// defaultType is the Content-Type of an answer that has none (recorded: of empty
// ones too).
const defaultType = "application/json"

// writeResponse writes x.Response and returns its status.
func writeResponse(w http.ResponseWriter, r *http.Request, x *apigw.Exchange) int {
	res := &x.Response
	if res.Status < 200 || res.Status > 999 {
		return writeMessage(w, http.StatusBadGateway, "InternalServerErrorException", "Internal server error")
	}
	h := w.Header()
	for _, f := range res.Header {
		h[f.Name] = append(h[f.Name], f.Value) // the case that was chosen stays
	}
	if !res.Header.Has("Content-Type") {
		h["Content-Type"] = defaultTypeOf(x)
	}
	if id := x.Request.EdgeID; id != "" {
		addEdge(h, id, res.Status)
	}
	if !bodyAllowed(res.Status) {
		w.WriteHeader(res.Status)
		return res.Status
	}
	if res.Stream != nil {
		w.WriteHeader(res.Status)
		res.Cut = stream(w, r, res.Stream)
		return res.Status
	}
	if r.Method != http.MethodHead || h["Content-Length"] == nil { // a backend told it for HEAD
		h["Content-Length"] = []string{strconv.Itoa(len(res.Body))}
	}
	w.WriteHeader(res.Status)
	if r.Method != http.MethodHead {
		w.Write(res.Body)
	}
	return res.Status
}

// defaultTypeOf is the Content-Type of an answer that has none. HTTP APIs leave it out: nil keeps
// net/http from guessing.
func defaultTypeOf(x *apigw.Exchange) []string {
	if x.Stage.Protocol == apigw.HTTP {
		return nil
	}
	return []string{defaultType}
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// renderRejection makes the gateway response of a rejection: the API's own for the
// type, else API Gateway's.
func renderRejection(x *apigw.Exchange, r *apigw.Rejection) {
	kind := apigw.ResponseTypes[r.Type]
	custom := x.Stage.GatewayResponses[r.Type]
	x.Response = apigw.Response{Status: r.StatusCode(), Traced: x.Response.Traced, Function: x.Response.Function}
	errorType := r.ErrorType
	if errorType == "" {
		errorType = kind.ErrorType
	}
	x.Response.Header.Add("x-amzn-ErrorType", errorType)
	if custom == nil {
		x.Response.Body = defaultBody(r, kind)
		return
	}
	if custom.Status != 0 {
		x.Response.Status = custom.Status
	}
	for _, h := range custom.Headers {
		if values := h.Value(x); values != nil {
			x.Response.Header.Set(h.Name, values...)
		}
	}
	renderTemplate(x, r, kind, custom.Templates)
}

// renderTemplate picks the body by what the client accepts, else the first.
func renderTemplate(x *apigw.Exchange, r *apigw.Rejection, kind apigw.ResponseType, templates []apigw.GatewayTemplate) {
	if len(templates) == 0 {
		x.Response.Body = defaultBody(r, kind)
		return
	}
	chosen, accept := templates[0], x.Request.Accept()
	for _, t := range templates {
		if t.MediaType == accept {
			chosen = t
		}
	}
	x.Response.Body = []byte(chosen.Render(x))
	if !x.Response.Header.Has("Content-Type") {
		x.Response.Header.Add("Content-Type", chosen.MediaType)
	}
}

// defaultBody is {"message":…} as AWS prints it: with a blank after the colon for
// what fails while a method runs, and a capital M where a policy denies (recorded).
func defaultBody(r *apigw.Rejection, kind apigw.ResponseType) []byte {
	message := r.Message
	if message == "" {
		message = kind.Message
	}
	name, blank := "message", ""
	if r.Type == apigw.AccessDenied {
		name = "Message"
	}
	if kind.Executing {
		blank = " "
	}
	return []byte(`{"` + name + `":` + blank + quote(message) + `}`)
}

func quote(message string) string {
	if message == "" {
		return "null"
	}
	b, err := json.Marshal(message)
	if err != nil {
		return "null"
	}
	return string(b)
}

// writeMessage answers where no stage is known to style it.
func writeMessage(w http.ResponseWriter, status int, errorType, message string) int {
	h := w.Header()
	h["x-amzn-ErrorType"] = []string{errorType}
	h["Content-Type"] = []string{defaultType}
	body := `{"message":` + quote(message) + `}`
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	w.Write([]byte(body))
	return status
}
