package runtimeapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A telemetryAPI is one of the two with which extensions subscribe, the older one called Logs API.
type telemetryAPI struct {
	name     string // in texts and error types
	path     string
	versions []string // of the schema, the default first; "" is none
	invalid  string   // error type
	event    string   // of a subscription
	streams  func(version, kind string) bool
}

// Source: Lambda developer guide, "Telemetry API reference" and "Logs API", read 2026-11.
func telemetryAPIs() [2]telemetryAPI {
	return [...]telemetryAPI{
		{"Telemetry", "/2022-07-01/telemetry", []string{"", "2022-07-01", "2022-12-13", "2025-01-29"}, "ValidationError", "platform.telemetrySubscription",
			func(_, kind string) bool { return kind != "platform.end" && kind != "platform.fault" }},
		{"Logs", "/2020-08-15/logs", []string{"2020-08-15", "2021-03-18"}, "Logs.ValidationError", "platform.logsSubscription",
			func(version, kind string) bool {
				return !strings.HasPrefix(kind, "platform.init") && (kind != "platform.runtimeDone" || version == "2021-03-18")
			}},
	}
}

// A subscription is what an extension asks for.
type subscription struct {
	SchemaVersion string
	Types         []string
	Buffering     struct{ MaxItems, MaxBytes, TimeoutMs *int }
	Destination   struct{ Protocol, URI, Method string }
}

// subscribe performs a call of either API.
func (s *Server) subscribe(api telemetryAPI, r *request, id string) reply {
	s.mu.Lock()
	x := s.ext.withID(id)
	s.mu.Unlock()
	if x == nil {
		return refuse(403, "Extension.UnknownExtensionIdentifier", "Unknown extension "+id)
	}
	var in subscription
	if err := json.Unmarshal(r.body, &in); err != nil {
		return refuse(400, api.invalid, err.Error())
	}
	if other := s.telemetry.subscriber(x.name); other != nil && other.api.name != api.name {
		return refuse(400, api.invalid, fmt.Sprintf("the extension has subscribed with the %s API", other.api.name))
	}
	host, err := s.host()
	if err != nil { // as AWS's emulator, which has no telemetry, answers
		return refuse(202, api.name+".NotSupported", api.name+" API is not supported")
	}
	b, problems := s.subscriberOf(api, host, x.name, &in)
	if len(problems) > 0 {
		return refuse(400, api.invalid, strings.Join(problems, "; "))
	}
	if !s.telemetry.subscribe(b) {
		return refuse(403, api.name+".SubscriptionClosed", api.name+" API subscription is closed already")
	}
	s.telemetry.emit(platformStream, api.event, struct {
		Name  string   `json:"name"`
		State string   `json:"state"`
		Types []string `json:"types"`
	}{x.name, "Subscribed", in.Types})
	return reply{status: 200, body: []byte(`"OK"`)}
}

// subscriberOf checks a subscription. The texts but for two, which the documentation shows, are ours.
func (s *Server) subscriberOf(api telemetryAPI, host, extension string, in *subscription) (b *subscriber, problems []string) {
	if in.SchemaVersion == "" {
		in.SchemaVersion = api.versions[0]
	}
	b = &subscriber{extension: extension, api: api, version: in.SchemaVersion, types: in.Types, now: s.o.Now, changed: make(chan struct{}, 1)}
	report := func(wrong bool, text string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Sprintf(text, args...))
		}
	}
	report(in.SchemaVersion == "" || !slices.Contains(api.versions, in.SchemaVersion), "schemaVersion %q is not supported", in.SchemaVersion)
	problems = append(problems, b.setSender(host, in)...)
	report(len(in.Types) == 0, "types should not be empty")
	for _, stream := range in.Types {
		report(stream != platformStream && stream != functionStream && stream != extensionStream, "type %q is not supported", stream)
	}
	for _, limit := range []struct {
		name                    string
		value                   *int
		least, most, unmodified int
		to                      *int
	}{
		{"maxItems", in.Buffering.MaxItems, 1000, 10000, 10000, &b.maxItems},
		{"maxBytes", in.Buffering.MaxBytes, 256 << 10, 1 << 20, 256 << 10, &b.maxBytes},
		{"timeoutMs", in.Buffering.TimeoutMs, 25, 30000, 1000, &b.timeoutMs},
	} {
		*limit.to = limit.unmodified
		if limit.value != nil {
			*limit.to = *limit.value
		}
		report(*limit.to < limit.least || *limit.to > limit.most, "buffering.%s should be between %d and %d", limit.name, limit.least, limit.most)
	}
	return b, problems
}

// host is the sandbox's address: loopback unless Options say otherwise.
func (s *Server) host() (string, error) {
	if s.o.Host == nil {
		return "127.0.0.1", nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), hostLimit)
	defer cancel()
	return s.o.Host(ctx)
}

// hostLimit bounds the search for the sandbox's address.
const hostLimit = 10 * time.Second

// sandboxHost is the name of the sandbox itself, the only destination.
const sandboxHost = "sandbox.localdomain"

// reservedPort is the Runtime API's on AWS.
const reservedPort = "9001"

// setSender gives the subscriber its destination.
func (b *subscriber) setSender(host string, in *subscription) (problems []string) {
	uri, err := url.Parse(in.Destination.URI)
	if err != nil {
		return []string{"URI is not valid"}
	}
	method := in.Destination.Method
	if method == "" || b.api.name != "Logs" {
		method = "POST"
	}
	switch {
	case uri.Hostname() != sandboxHost && uri.Hostname() != "sandbox" && uri.Host != "":
		problems = append(problems, "URI host should be "+sandboxHost)
	case uri.Port() == "":
		problems = append(problems, "URI port is not provided")
	case uri.Port() == reservedPort:
		problems = append(problems, "URI port "+reservedPort+" is reserved")
	}
	switch in.Destination.Protocol {
	case "HTTP":
		if uri.Scheme != "http" {
			problems = append(problems, "URI scheme should be http")
		}
		if method != "POST" && method != "PUT" {
			problems = append(problems, "method should be POST or PUT")
		}
		b.sender = newHTTPSender(method, uri.String(), dialerTo(host, uri.Port()))
	case "TCP":
		b.sender = &tcpSender{dial: dialerTo(host, uri.Port())}
	default:
		problems = append(problems, "protocol should be HTTP or TCP")
	}
	return problems
}

// timeout is how long a batch may wait for more.
func (b *subscriber) timeout() time.Duration { return time.Duration(b.timeoutMs) * time.Millisecond }
