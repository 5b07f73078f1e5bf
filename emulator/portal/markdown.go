package portal

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"
)

// renderer leaves HTML in documents out, and links that would run scripts: it is not told to be unsafe.
var renderer = goldmark.New(goldmark.WithExtensions(extension.GFM))

// markdown is a document as HTML, or as it is where it cannot be read.
func markdown(document string) *html.Node {
	var out bytes.Buffer
	if err := renderer.Convert([]byte(document), &out); err != nil {
		return &html.Node{Type: html.TextNode, Data: document}
	}
	return &html.Node{Type: html.RawNode, Data: out.String()}
}
