package portal

import (
	"bytes"
	"html/template"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// renderer leaves HTML in documents out, and links that would run scripts: it is not told to be unsafe.
var renderer = goldmark.New(goldmark.WithExtensions(extension.GFM))

// markdown is a document as HTML, or as it is where it cannot be read.
func markdown(document string) template.HTML {
	var out bytes.Buffer
	if err := renderer.Convert([]byte(document), &out); err != nil {
		return template.HTML(template.HTMLEscapeString(document))
	}
	return template.HTML(out.String())
}
