package wire

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"github.com/aws/smithy-go"
)

// answer writes an operation's output.
func (c *codec) answer(w http.ResponseWriter, o *route, out reflect.Value, requestID string) {
	switch c.protocol {
	case awsQuery:
		write(w, http.StatusOK, "text/xml", c.encodeXML(o.spec.name, out, requestID))
	case json11:
		write(w, http.StatusOK, "application/x-amz-json-1.1", c.appendJSON(nil, out, c.times, nil))
	default:
		c.answerREST(w, o, out)
	}
}

func (c *codec) answerREST(w http.ResponseWriter, o *route, out reflect.Value) {
	status, blob := c.head(w, o, out)
	switch {
	case blob.IsValid() && blob.Kind() == reflect.Slice:
		contentType := w.Header().Get("Content-Type")
		if contentType == "" {
			contentType = contentTypeOf(blob.Bytes())
		}
		write(w, status, contentType, blob.Bytes())
	case status == http.StatusNoContent:
		w.WriteHeader(status)
	case blob.IsValid():
		write(w, status, "application/json", c.appendJSON(nil, blob, c.times, nil))
	default:
		write(w, status, "application/json", c.appendJSON(make([]byte, 0, 512), out, c.times, o.outBound))
	}
}

// contentTypeOf is the type of a body of which the output says none: JSON, or a YAML document.
func contentTypeOf(body []byte) string {
	if bytes.HasPrefix(body, []byte("---\n")) {
		return "application/yaml"
	}
	return "application/json"
}

// head sets the headers that an output has members for, and finds the status and
// the member that is the body, if one is.
func (c *codec) head(w http.ResponseWriter, o *route, out reflect.Value) (status int, blob reflect.Value) {
	status = o.status
	for _, b := range o.spec.out {
		f := out.FieldByName(b.field)
		if !f.IsValid() {
			continue
		}
		switch b.kind {
		case header:
			if !absent(f) {
				w.Header().Set(b.name, scalarText(f))
			}
		case statusCode:
			if f.Int() != 0 {
				status = int(f.Int())
			}
		case payload:
			blob = f
		}
	}
	return status, blob
}

func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h["Content-Type"] = []string{contentType}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	w.Write(body)
}

// A fault is an error as the client sees it.
type fault struct {
	status  int
	code    string
	message string
	fields  map[string]any // further members
	header  http.Header
	server  bool
}

// faultOf turns an error of an operation into what the client sees; ok is false for
// an internal fault.
func (c *codec) faultOf(err error) (f fault, ok bool) {
	var own *Error
	if errors.As(err, &own) {
		return fault{status: own.Status, code: own.Code, message: own.Message, fields: own.Fields, server: own.Status >= 500}, true
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fault{}, false
	}
	e := c.exceptions[api.ErrorCode()]
	if e == nil {
		e = &exception{code: api.ErrorCode(), server: api.ErrorFault() == smithy.FaultServer}
	}
	f = fault{status: errorStatus(c.table, e), code: e.code, message: api.ErrorMessage(), server: e.server, header: http.Header{}, fields: map[string]any{}}
	if v := reflect.Indirect(reflect.ValueOf(api)); v.Kind() == reflect.Struct && v.Type().Name() == e.goType {
		c.addMembers(&f, e, v)
	}
	return f, true
}

// addMembers takes an exception's own members over.
func (c *codec) addMembers(f *fault, e *exception, v reflect.Value) {
	p := c.planOf(v.Type())
	inHeader := map[string]bool{}
	for _, b := range e.headers {
		if fv := v.FieldByName(b.field); fv.IsValid() && !absent(fv) {
			f.header.Set(b.name, scalarText(fv))
			inHeader[b.field] = true
		}
	}
	for i := range p.fields {
		pf := &p.fields[i]
		fv := v.Field(pf.index)
		if absent(fv) || inHeader[pf.goName] {
			continue
		}
		f.fields[pf.name] = json.RawMessage(c.appendJSON(nil, fv, pf.form, nil))
	}
}

// refuse writes an error in the service's protocol.
func (c *codec) refuse(w http.ResponseWriter, f fault, requestID string) {
	for k, v := range f.header {
		w.Header()[k] = v
	}
	switch c.protocol {
	case awsQuery:
		write(w, f.status, "text/xml", c.errorXML(f, requestID))
	case json11:
		w.Header().Set("x-amzn-ErrorType", f.code)
		write(w, f.status, "application/x-amz-json-1.1", errorJSON(f, map[string]any{"__type": f.code}))
	default:
		w.Header().Set("x-amzn-ErrorType", f.code)
		write(w, f.status, "application/json", errorJSON(f, map[string]any{}))
	}
}

// errorJSON is the body of an error: its members, and the message where none of
// them is it.
func errorJSON(f fault, body map[string]any) []byte {
	for k, v := range f.fields {
		body[k] = v
	}
	if body["message"] == nil && body["Message"] == nil {
		body["message"] = f.message
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return []byte(`{"message":"` + f.code + `"}`)
	}
	return bytes.TrimSpace(b.Bytes())
}

func (c *codec) errorXML(f fault, requestID string) []byte {
	kind := "Sender"
	if f.server {
		kind = "Receiver"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<ErrorResponse xmlns=%q><Error><Type>%s</Type><Code>", namespaces[c.service], kind)
	xml.EscapeText(&b, []byte(f.code))
	b.WriteString("</Code><Message>")
	xml.EscapeText(&b, []byte(f.message))
	fmt.Fprintf(&b, "</Message></Error><RequestId>%s</RequestId></ErrorResponse>", requestID)
	return b.Bytes()
}
