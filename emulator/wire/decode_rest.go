package wire

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"
)

// decodeREST fills an operation's input from path, query, headers and body.
func (c *codec) decodeREST(r *http.Request, o *route, body []byte, in reflect.Value) error {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return fmt.Errorf("query string: %w", err)
	}
	var blob reflect.Value
	for _, b := range o.spec.in {
		f := in.FieldByName(b.field)
		if !f.IsValid() {
			continue
		}
		var err error
		switch b.kind {
		case label:
			err = bindLabel(f, mux.Vars(r)[labelVariable(b.name)])
		case query:
			err = bindAll(f, q[b.name])
		case queryMap:
			bindMap(f, q, o.named)
		case header:
			if values := r.Header.Values(b.name); len(values) > 0 {
				err = bindAll(f, values[:1])
			}
		case payload:
			blob = f
		}
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
	}
	switch {
	case !blob.IsValid():
		return c.decodeJSON(body, in, o.bound)
	case blob.Kind() == reflect.Slice:
		blob.SetBytes(body)
	case blob.Kind() == reflect.Interface:
		blob.Set(reflect.ValueOf(bytes.NewReader(body)))
	default:
		return c.decodePayloadStruct(body, blob)
	}
	return nil
}

// decodePayloadStruct reads a body that is one member of the input.
func (c *codec) decodePayloadStruct(body []byte, v reflect.Value) error {
	doc, err := parseObject(body)
	if err != nil || doc == nil {
		return err
	}
	return c.set(v, doc)
}

// labelVariable is a label's name as a gorilla/mux variable.
func labelVariable(name string) string { return "l_" + strings.ReplaceAll(name, "-", "_") }

func bindLabel(v reflect.Value, raw string) error {
	text, err := url.PathUnescape(raw)
	if err != nil {
		return err
	}
	return bindText(v, text)
}

func bindAll(v reflect.Value, values []string) error {
	for _, x := range values {
		if err := bindText(v, x); err != nil {
			return err
		}
	}
	return nil
}

// bindMap collects the query parameters that no other member is bound to.
func bindMap(v reflect.Value, q url.Values, named map[string]bool) {
	m := map[string]string{}
	for k, values := range q {
		if !named[k] && len(values) > 0 {
			m[k] = values[0]
		}
	}
	if len(m) > 0 {
		v.Set(reflect.ValueOf(m))
	}
}

// bindText gives v a value that came as text; lists take one more element.
func bindText(v reflect.Value, x string) error {
	switch v.Kind() {
	case reflect.Pointer:
		n := reflect.New(v.Type().Elem())
		if err := bindText(n.Elem(), x); err != nil {
			return err
		}
		v.Set(n)
	case reflect.String:
		v.SetString(x)
	case reflect.Bool:
		b, err := strconv.ParseBool(x)
		if err != nil {
			return &typeError{x + " is not a valid boolean"}
		}
		v.SetBool(b)
	case reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(x, 10, v.Type().Bits())
		if err != nil {
			return &typeError{x + " is not a valid integer"}
		}
		v.SetInt(n)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(x, 64)
		if err != nil {
			return &typeError{x + " is not a valid number"}
		}
		v.SetFloat(f)
	case reflect.Slice:
		e := reflect.New(v.Type().Elem()).Elem()
		if err := bindText(e, x); err != nil {
			return err
		}
		v.Set(reflect.Append(v, e))
	case reflect.Struct:
		t, err := time.Parse(time.RFC3339, x)
		if err != nil {
			return &typeError{x + " is not a valid timestamp"}
		}
		v.Set(reflect.ValueOf(t))
	default:
		return fmt.Errorf("cannot bind text to %s", v.Type())
	}
	return nil
}
