package portal

import (
	"errors"
	"time"
)

// ErrNone means that a portal is not published, or that there is none.
var ErrNone = errors.New("no such portal, or it is not published")

// A Publication is a portal as it was when it was published or previewed. Texts are as their authors wrote
// them: whatever is in them, it is shown and nothing more.
type Publication struct {
	ID, Name, Description string
	Colors                Colors
	SignIn                bool // readers have to sign in with Amazon Cognito
	Products              []Product
	Made                  time.Time
}

// A Product is one of a portal's.
type Product struct {
	ID, Name, Description string
	Overview              *Page // which is none of Pages; nil for none
	Pages                 []Page
	Sections              []Section
}

// A Page is documentation, its body in Markdown.
type Page struct{ ID, Title, Body string }

// A Section is a group of endpoints; one without a name has those that no other has.
type Section struct {
	Name      string
	Endpoints []Endpoint
}

// An Endpoint is a method of a REST API at a stage, as the deployment of that has it.
type Endpoint struct {
	ID, Name      string // the name is the operation's, "" for none
	Method, Path  string
	API, Stage    string
	URL           string // that its author gave it, "" for the API's own
	Body          string // documentation, in Markdown
	Parameters    []Parameter
	Bodies        []Body
	Statuses      []string // that the method is defined to answer with
	Authorization string   // "NONE", "AWS_IAM" …
	APIKey, TryIt bool
	Gone          bool // the stage has the method no more
}

// A Parameter is one of an endpoint's request.
type Parameter struct {
	Name, In string // in "path", "querystring" or "header"
	Required bool
}

// A Body is what an endpoint takes.
type Body struct{ MediaType, Model string }

// endpoint finds an endpoint of a product.
func (p *Product) endpoint(id string) *Endpoint {
	for _, s := range p.Sections {
		for i := range s.Endpoints {
			if s.Endpoints[i].ID == id {
				return &s.Endpoints[i]
			}
		}
	}
	return nil
}

// page finds a page of a product.
func (p *Product) page(id string) *Page {
	if p.Overview != nil && p.Overview.ID == id {
		return p.Overview
	}
	for i := range p.Pages {
		if p.Pages[i].ID == id {
			return &p.Pages[i]
		}
	}
	return nil
}

func (p *Publication) product(id string) *Product {
	for i := range p.Products {
		if p.Products[i].ID == id {
			return &p.Products[i]
		}
	}
	return nil
}
