package apigatewayv2

import (
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/emulator/store"
)

// The most that a page has; a request may ask for more and gets this. One that asks for nothing gets as
// much as one of REST APIs.
const (
	defaultResults = 25
	maxResults     = 500
)

// page reads one page of documents in the way that maxResults and nextToken say.
func page[T any](tx *store.Tx, k store.Kind[T], q store.Query, max, token *string) (items []T, next *string, err error) {
	if q.Limit, err = results(max); err != nil {
		return nil, nil, err
	}
	q.After = aws.ToString(token)
	p, err := k.List(tx, q)
	if errors.Is(err, store.ErrPosition) {
		return nil, nil, badRequest("Invalid nextToken specified.")
	}
	if p.Next != "" {
		next = &p.Next
	}
	return p.Values(), next, err
}

func results(max *string) (int, error) {
	if aws.ToString(max) == "" {
		return defaultResults, nil
	}
	n, err := strconv.Atoi(*max)
	if err != nil || n < 1 {
		return 0, badRequest("Invalid maxResults specified. It must be a number of at least 1.")
	}
	return min(n, maxResults), nil
}
