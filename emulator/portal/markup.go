package portal

import (
	"slices"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Pages are trees of nodes, whose texts and attributes are escaped when they are written. (html/template
// would do as well, but looks methods up by their names: with it the linker keeps every method of the SDK's
// clients, which is more than half as much again of the whole program.)

// An attr is an attribute of an element.
type attr struct{ name, value string }

// el is an element. Its parts are attributes, texts, nodes, and lists of them; nil is left out.
func el(tag string, parts ...any) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: tag, DataAtom: atom.Lookup([]byte(tag))}
	for _, part := range parts {
		switch p := part.(type) {
		case attr:
			n.Attr = append(n.Attr, html.Attribute{Key: p.name, Val: p.value})
		case string:
			n.AppendChild(&html.Node{Type: html.TextNode, Data: p})
		case *html.Node:
			if p != nil {
				n.AppendChild(p)
			}
		case []*html.Node:
			for _, child := range p {
				n.AppendChild(child)
			}
		}
	}
	return n
}

// each makes a node of each item.
func each[T any](items []T, node func(*T) *html.Node) (all []*html.Node) {
	for i := range items {
		if n := node(&items[i]); n != nil {
			all = append(all, n)
		}
	}
	return all
}

// when is a node, if a condition holds.
func when(holds bool, node func() *html.Node) *html.Node {
	if !holds {
		return nil
	}
	return node()
}

// table is one with headings, or nothing where there are no rows.
func table(headings []string, rows []*html.Node) *html.Node {
	if len(rows) == 0 {
		return nil
	}
	head := el("tr", each(slices.Clone(headings), func(h *string) *html.Node { return el("th", *h) }))
	return el("table", el("thead", head), el("tbody", rows))
}

func code(text string) *html.Node { return el("code", text) }

// link is one to a page of the portal; current marks the page that it is on.
func link(to string, current string, parts ...any) *html.Node {
	a := el("a", append([]any{attr{"href", to}}, parts...)...)
	if current != "" {
		a.Attr = append(a.Attr, html.Attribute{Key: "aria-current", Val: current})
	}
	return a
}
