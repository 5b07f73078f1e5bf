package integration

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"postern/apigw"
	"postern/apigw/jsonpath"
)

// A Mock answers with the status that the request template asks for in {"statusCode": n}.
type Mock struct {
	known []mockAnswer
}

// A mockAnswer is a body that is known before any request comes.
type mockAnswer struct {
	body     []byte
	status   int
	selector string
}

// NewMock prepares for the bodies that the request templates yield whatever is asked.
func NewMock(templates *Templates) *Mock {
	m := &Mock{}
	for _, body := range templates.Constants() {
		if status, err := mockStatus(body); err == nil {
			m.known = append(m.known, mockAnswer{body, status, strconv.Itoa(status)})
		}
	}
	return m
}

// Call is the step. Without a template, or with one that yields no status, it fails as on AWS.
func (m *Mock) Call(_ context.Context, x *apigw.Exchange) error {
	body := x.Endpoint.Request.Body
	for i := range m.known {
		if k := &m.known[i]; bytes.Equal(k.body, body) {
			x.Endpoint.Response = apigw.EndpointResponse{Status: k.status, Selector: &k.selector}
			return nil
		}
	}
	status, err := mockStatus(body)
	if err != nil {
		return err
	}
	selector := strconv.Itoa(status)
	x.Endpoint.Response = apigw.EndpointResponse{Status: status, Selector: &selector}
	return nil
}

// mockStatus reads leniently: {statusCode: 200} works on AWS (recorded).
func mockStatus(body []byte) (int, error) {
	root, err := jsonpath.Decode(body)
	if err != nil {
		return 0, noStatus(err)
	}
	o, ok := root.(*jsonpath.Object)
	if !ok {
		return 0, noStatus(errors.New("the mock's request is not a JSON object"))
	}
	v, _ := o.Get("statusCode")
	if s, ok := v.(string); ok {
		v, _ = jsonpath.Number(s)
	}
	status, ok := v.(int32)
	if !ok {
		return 0, noStatus(fmt.Errorf("it is %v", v))
	}
	return int(status), nil
}

func noStatus(why error) *apigw.Rejection {
	return apigw.ConfigurationError("Unable to parse statusCode. It should be an integer that is defined in the request template.", why)
}
