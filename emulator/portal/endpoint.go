package portal

import "golang.org/x/net/html"

// describeEndpoint is all that is known of an endpoint.
func (v *view) describeEndpoint(e *Endpoint) []*html.Node {
	out := []*html.Node{el("p", attr{"class", "call"}, el("code", attr{"class", "method"}, e.Method), " ", code(v.Invoke))}
	add := func(nodes ...*html.Node) { out = append(out, nodes...) }
	if e.Gone {
		add(el("p", attr{"class", "problem"}, "The stage "+e.Stage+" of the API has no such method any more."))
	}
	if e.Body != "" {
		add(el("article", markdown(e.Body)))
	}
	if len(e.Parameters) > 0 {
		add(el("h2", "Parameters"), table([]string{"Name", "In", "Required"}, each(e.Parameters, parameterRow)))
	}
	if len(e.Bodies) > 0 {
		add(el("h2", "Request body"), table([]string{"Media type", "Model"}, each(e.Bodies, func(b *Body) *html.Node {
			return el("tr", el("td", code(b.MediaType)), el("td", b.Model))
		})))
	}
	if len(e.Statuses) > 0 {
		add(el("h2", "Responses"), e.responses())
	}
	add(el("h2", "Access"), e.access())
	if e.TryIt {
		add(el("h2", "Try it"), el("p", "Postern's portals do not call APIs from the page. From a shell:"),
			el("pre", code("curl -X "+e.Method+" '"+v.Invoke+"'")))
	}
	return out
}

func parameterRow(p *Parameter) *html.Node {
	required := "no"
	if p.Required {
		required = "yes"
	}
	return el("tr", el("td", code(p.Name)), el("td", p.In), el("td", required))
}

func (e *Endpoint) responses() *html.Node {
	p := el("p")
	for i, status := range e.Statuses {
		if i > 0 {
			p.AppendChild(&html.Node{Type: html.TextNode, Data: ", "})
		}
		p.AppendChild(code(status))
	}
	return p
}

func (e *Endpoint) access() *html.Node {
	authorization := e.Authorization
	if authorization == "" {
		authorization = "NONE"
	}
	p := el("p", "Authorization: ", code(authorization))
	if e.APIKey {
		p.AppendChild(el("span", "; an API key in ", code("x-api-key")))
	}
	p.AppendChild(el("span", ". Stage ", code(e.Stage), " of API ", code(e.API), "."))
	return p
}
