package httpapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"postern/apigw"
)

// A ResponseMapping changes what an integration answered, by its status: responseParameters.
type ResponseMapping map[int]*statusMapping

// A statusMapping is what changes answers of one status.
type statusMapping struct {
	header []operation
	status *Expression
}

// ParseResponseMapping reads responseParameters. The error joins all that is wrong with them.
func ParseResponseMapping(parameters map[string]map[string]string) (ResponseMapping, error) {
	all := ResponseMapping{}
	var wrong []error
	for _, status := range slices.Sorted(maps.Keys(parameters)) {
		code, err := strconv.Atoi(status)
		if err != nil || code < 200 || code > 599 {
			wrong = append(wrong, fmt.Errorf("%q is no status that can be mapped", status))
			continue
		}
		m := &statusMapping{}
		if err := compile(parameters[status], "Response", ParseResponse, m.take); err != nil {
			wrong = append(wrong, err)
		}
		inOrder(m.header)
		all[code] = m
	}
	return all, errors.Join(wrong...)
}

func (m *statusMapping) take(t target, value Expression) error {
	switch t.group {
	case "header":
		m.header = append(m.header, operation{action: t.action, name: t.name, value: value})
	case "statuscode":
		if code, err := strconv.Atoi(value.String()); value.Static() && (err != nil || code < 200 || code > 599) {
			return fmt.Errorf("%q is no status code", value.String())
		}
		m.status = &value
	default:
		return errTarget
	}
	return nil
}

// Run is the step. A mapping whose value leads to nothing is left out.
func (all ResponseMapping) Run(_ context.Context, x *apigw.Exchange) error {
	m := all[x.Response.Status]
	if m == nil {
		return nil
	}
	// Of the integration's own answer: what is mapped first changes nothing for what follows.
	x.Endpoint.Response.Header, x.Endpoint.Response.Body = slices.Clone(x.Response.Header), x.Response.Body
	for i := range m.header {
		o := &m.header[i]
		v, ok := o.value.Resolve(x)
		switch {
		case !ok:
		case o.action == remove:
			x.Response.Header.Del(o.name)
		case o.action == overwrite:
			x.Response.Header.Set(o.name, v)
		default:
			x.Response.Header.Add(o.name, v)
		}
	}
	if m.status == nil {
		return nil
	}
	if v, ok := m.status.Resolve(x); ok {
		code, err := strconv.Atoi(v)
		if err != nil || code < 200 || code > 599 {
			return apigw.Misconfigured("overwrite:statuscode: %q is no status code", v)
		}
		x.Response.Status = code
	}
	return nil
}
