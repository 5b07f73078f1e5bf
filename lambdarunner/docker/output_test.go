package docker

import (
	"regexp"
	"strings"
	"sync"
	"time"

	"postern/lambdarunner"
)

var requestID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)

// A printed keeps what sandboxes print.
type printed struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (p *printed) Append(_ *lambdarunner.Function, _ string, events []lambdarunner.LogEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range events {
		p.text.WriteString(e.Message)
	}
}

func (p *printed) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text.Reset()
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// newOutput is the output of a sandbox whose log goes to sink, nil for nowhere.
func newOutput(fn *lambdarunner.Function, sink lambdarunner.LogSink) *lambdarunner.Output {
	return lambdarunner.NewOutput(fn, "2026/01/02/[$LATEST]0123456789abcdef0123456789abcdef", sink, time.Now)
}
