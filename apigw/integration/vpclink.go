package integration

import (
	"fmt"
	"net/url"

	"postern/apigw"
)

// A Link is the VPC link through which an integration reaches its backend.
type Link struct {
	ID    Text                // connectionId
	Known map[string]*url.URL // links by id: where they lead; nil: to the host of the integration's URI
}

// address is where to connect to; nil leaves it to the integration's URI.
func (l *Link) address(x *apigw.Exchange) (*url.URL, error) {
	id, err := l.ID.Resolve(x)
	if err != nil {
		return nil, err
	}
	to, ok := l.Known[id]
	if !ok {
		return nil, apigw.ConfigurationError("Invalid Vpc Link identifier specified", fmt.Errorf("there is no VPC link %q", id))
	}
	return to, nil
}
