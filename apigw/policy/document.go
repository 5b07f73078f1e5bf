package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A Document is a policy, ready to be evaluated. It is immutable.
type Document struct{ statements []statement }

// A statement is one of a Document's. A nil list stands for an element that is not there.
type statement struct {
	deny                      bool
	principals, notPrincipals []principalPattern
	anyone                    bool // it has no Principal: an identity policy
	actions, notActions       []pattern
	resources, notResources   []pattern
	conditions                []condition
}

// Parse reads a document. It takes what IAM takes: a single statement instead of a list,
// a string instead of a list of one.
func Parse(doc []byte) (*Document, error) { return parse(doc, "") }

// ParseAPI reads the resource policy of an API, whose resources may leave out the API's own
// ARN (arn:aws:execute-api:{region}:{account}:{api}): "execute-api:/stage/GET/pets".
func ParseAPI(doc []byte, apiARN string) (*Document, error) { return parse(doc, apiARN) }

// ParseIdentity reads the policy of an identity, each of whose statements has to say about what it
// is.
func ParseIdentity(doc []byte) (*Document, error) {
	d, err := Parse(doc)
	if err != nil {
		return nil, err
	}
	for i, s := range d.statements {
		if s.resources == nil && s.notResources == nil {
			return nil, fmt.Errorf("policy: statement %d: there is no Resource", i+1)
		}
	}
	return d, nil
}

func parse(doc []byte, apiARN string) (*Document, error) {
	var raw struct {
		Version   string
		ID        string `json:"Id"`
		Statement json.RawMessage
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	if err := d.Decode(&raw); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if d.More() {
		return nil, errors.New("policy: something follows the document")
	}
	if raw.Version != "" && raw.Version != "2012-10-17" && raw.Version != "2008-10-17" {
		return nil, fmt.Errorf("policy: version %q", raw.Version)
	}
	statements, err := list[rawStatement](raw.Statement)
	if err != nil {
		return nil, fmt.Errorf("policy: Statement: %w", err)
	}
	out := &Document{}
	for i, s := range statements {
		compiled, err := s.compile(apiARN)
		if err != nil {
			return nil, fmt.Errorf("policy: statement %d: %w", i+1, err)
		}
		out.statements = append(out.statements, compiled)
	}
	return out, nil
}

type rawStatement struct {
	Sid                     string
	Effect                  string
	Principal, NotPrincipal json.RawMessage
	Action, NotAction       json.RawMessage
	Resource, NotResource   json.RawMessage
	Condition               map[string]map[string]json.RawMessage
}

func (s *rawStatement) compile(apiARN string) (out statement, err error) {
	switch s.Effect {
	case "Allow":
	case "Deny":
		out.deny = true
	default:
		return out, fmt.Errorf("effect %q is neither Allow nor Deny", s.Effect)
	}
	out.anyone = s.Principal == nil && s.NotPrincipal == nil
	var errs [7]error
	out.principals, errs[0] = principals("Principal", s.Principal)
	out.notPrincipals, errs[1] = principals("NotPrincipal", s.NotPrincipal)
	out.actions, errs[2] = patterns("Action", s.Action, action)
	out.notActions, errs[3] = patterns("NotAction", s.NotAction, action)
	resource := func(text string) pattern { return newPattern(longForm(text, apiARN), false) }
	out.resources, errs[4] = patterns("Resource", s.Resource, resource)
	out.notResources, errs[5] = patterns("NotResource", s.NotResource, resource)
	out.conditions, errs[6] = conditions(s.Condition)
	if out.actions == nil && out.notActions == nil {
		return out, errors.New("there is no Action")
	}
	return out, errors.Join(errs[:]...)
}

func patterns(element string, raw json.RawMessage, compile func(string) pattern) (all []pattern, err error) {
	if raw == nil {
		return nil, nil
	}
	texts, err := list[string](raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", element, err)
	}
	all = []pattern{}
	for _, t := range texts {
		all = append(all, compile(t))
	}
	return all, nil
}

func action(text string) pattern { return newPattern(text, true) }

func longForm(resource, apiARN string) string {
	if rest, ok := strings.CutPrefix(resource, "execute-api:/"); ok && apiARN != "" {
		return apiARN + "/" + rest
	}
	return resource
}

// list reads a value, or a list of such.
func list[T any](raw json.RawMessage) ([]T, error) {
	if len(raw) == 0 {
		return nil, errors.New("is missing")
	}
	if raw[0] == '[' {
		var all []T
		err := json.Unmarshal(raw, &all)
		return all, err
	}
	var one T
	if err := json.Unmarshal(raw, &one); err != nil {
		return nil, err
	}
	return []T{one}, nil
}
