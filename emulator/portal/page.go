package portal

import (
	"io"

	"golang.org/x/net/html"
)

// write writes the page of a view.
func (v *view) write(w io.Writer) error {
	title := v.Title
	if v.Name != "" && v.Title != v.Name {
		title += " · " + v.Name
	}
	root := el("html", attr{"lang", "en"},
		el("head",
			el("meta", attr{"charset", "utf-8"}), el("meta", attr{"name", "viewport"}, attr{"content", "width=device-width, initial-scale=1"}),
			el("title", title), el("link", attr{"rel", "stylesheet"}, attr{"href", v.Base + "style.css"})),
		el("body", v.header(), v.body()))
	if _, err := io.WriteString(w, "<!DOCTYPE html>\n"); err != nil {
		return err
	}
	return html.Render(w, root)
}

func (v *view) header() *html.Node {
	name := v.Name
	if v.Problem != "" {
		name = "API portal"
	}
	return el("header", link(v.Base, "", name), when(v.Preview, func() *html.Node { return el("span", attr{"class", "note"}, " Preview") }))
}

func (v *view) body() *html.Node {
	if v.Problem != "" {
		return el("main", el("h1", v.Title), el("p", attr{"class", "problem"}, v.Problem))
	}
	return el("div", attr{"class", "columns"}, v.nav(), el("main", el("h1", v.Title), v.content()))
}

// nav lists all products with what is in them.
func (v *view) nav() *html.Node {
	if len(v.Products) == 0 {
		return el("nav", attr{"aria-label", "Products"}, el("p", "No products."))
	}
	return el("nav", attr{"aria-label", "Products"}, each(v.Products, func(p *Product) *html.Node {
		here := v.Product != nil && v.Product.ID == p.ID
		return el("section",
			el("h2", link(v.at(p, ""), currentIf(here, "true"), p.Name)),
			when(len(p.Pages) > 0, func() *html.Node {
				return el("ul", each(p.Pages, func(page *Page) *html.Node {
					return el("li", link(v.at(p, "pages/"+page.ID+"/"), currentIf(v.Page != nil && v.Page.ID == page.ID, "page"), page.Title))
				}))
			}),
			each(p.Sections, func(s *Section) *html.Node { return v.navSection(p, s) }))
	}))
}

func (v *view) navSection(p *Product, s *Section) *html.Node {
	if len(s.Endpoints) == 0 {
		return nil
	}
	return el("div",
		when(s.Name != "", func() *html.Node { return el("h3", s.Name) }),
		el("ul", each(s.Endpoints, func(e *Endpoint) *html.Node {
			current := currentIf(v.Endpoint != nil && v.Endpoint.ID == e.ID, "page")
			if e.Name != "" {
				return el("li", link(v.endpoint(p, e), current, e.Name))
			}
			return el("li", link(v.endpoint(p, e), current, code(e.Method), " "+e.Path))
		})))
}

func currentIf(holds bool, value string) string {
	if holds {
		return value
	}
	return ""
}

// at is the address of what is below a product.
func (v *view) at(p *Product, below string) string { return v.Base + "products/" + p.ID + "/" + below }

func (v *view) endpoint(p *Product, e *Endpoint) string { return v.at(p, "endpoints/"+e.ID+"/") }

// content is what the page is about.
func (v *view) content() []*html.Node {
	switch {
	case v.Endpoint != nil:
		return v.describeEndpoint(v.Endpoint)
	case v.Page != nil:
		out := []*html.Node{el("article", markdown(v.Page.Body))}
		if v.Title == v.Product.Name {
			out = append(out, v.endpoints()...)
		}
		return out
	case v.Product != nil:
		return append([]*html.Node{el("p", v.Product.Description)}, v.endpoints()...)
	}
	return append([]*html.Node{el("p", v.Description)}, each(v.Products, func(p *Product) *html.Node {
		return el("section", attr{"class", "card"}, el("h2", link(v.at(p, ""), "", p.Name)), el("p", p.Description))
	})...)
}

// endpoints lists those of the product.
func (v *view) endpoints() (out []*html.Node) {
	for _, s := range v.Product.Sections {
		rows := each(s.Endpoints, func(e *Endpoint) *html.Node {
			return el("tr", el("td", el("code", attr{"class", "method"}, e.Method)), el("td", link(v.endpoint(v.Product, e), "", code(e.Path))), el("td", e.Name))
		})
		if len(rows) == 0 {
			continue
		}
		name := s.Name
		if name == "" {
			name = "Endpoints"
		}
		out = append(out, el("h2", name), table([]string{"Method", "Path", "Operation"}, rows))
	}
	return out
}
