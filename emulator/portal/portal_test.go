package portal

import (
	"strings"
	"testing"
)

// What authors write is shown and does nothing: neither scripts nor links to them.
func TestMarkdownIsHarmless(t *testing.T) {
	for document, want := range map[string]string{
		"Be **kind**.":                              "<p>Be <strong>kind</strong>.</p>",
		"<script>alert(1)</script>":                 "<!-- raw HTML omitted -->",
		"a <img src=x onerror=alert(1)> b":          "<p>a <!-- raw HTML omitted --> b</p>",
		"[a](javascript:alert(1))":                  `<p><a href="">a</a></p>`,
		"[a](https://example.com/?a=1&b=2 \"<t>\")": `<p><a href="https://example.com/?a=1&amp;b=2" title="&lt;t&gt;">a</a></p>`,
		"`<b>`":                            "<p><code>&lt;b&gt;</code></p>",
		"![x](data:text/html;base64,AAAA)": `<p><img src="" alt="x"></p>`,
	} {
		if got := strings.TrimSpace(markdown(document).Data); got != want {
			t.Errorf("%s: %s, want %s", document, got, want)
		}
	}
}

func TestTextOnAHeaderIsReadable(t *testing.T) {
	for header, want := range map[string]string{
		"#0f1b2a": "#ffffff", "#fff": "#000000", "#FFFF00": "#000000", "#00f": "#ffffff", "navy": "text", "#12345": "text", "": "text", "#zzzzzz": "text",
	} {
		if got := readable(header, "text"); got != want {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
}

func TestDefaultDomainNames(t *testing.T) {
	for host, want := range map[string]string{
		"p-abc123.apigw-portal.us-east-1.on.aws": "abc123", "p-abc123.apigw-portal.localhost:4566": "abc123",
		"abc123.apigw-portal.localhost": "", "p-abc123.execute-api.localhost": "", "localhost:4566": "", "": "",
	} {
		if id, ok := IDOfHost(host); ok != (want != "") || ok && id != want {
			t.Errorf("%s: %q %v", host, id, ok)
		}
	}
}
