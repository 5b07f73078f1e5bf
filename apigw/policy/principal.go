package policy

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A principalPattern is one principal that a statement names.
type principalPattern struct {
	anybody   bool
	accountID string // any principal of the account
	arn       string
	service   string
}

// principals reads a Principal element: "*", or an object of kinds.
func principals(element string, raw json.RawMessage) ([]principalPattern, error) {
	if raw == nil {
		return nil, nil
	}
	if string(raw) == `"*"` {
		return []principalPattern{{anybody: true}}, nil
	}
	var kinds map[string]json.RawMessage
	if err := json.Unmarshal(raw, &kinds); err != nil {
		return nil, fmt.Errorf("%s: %w", element, err)
	}
	all := []principalPattern{}
	for kind, values := range kinds {
		names, err := list[string](values)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", element, kind, err)
		}
		for _, name := range names {
			all = append(all, newPrincipal(kind, name))
		}
	}
	return all, nil
}

// newPrincipal knows AWS and Service. Others, such as Federated, are kept and match nobody.
func newPrincipal(kind, name string) principalPattern {
	switch {
	case kind == "AWS" && name == "*":
		return principalPattern{anybody: true}
	case kind == "AWS" && isAccount(name):
		return principalPattern{accountID: name}
	case kind == "AWS":
		if account, ok := strings.CutSuffix(name, ":root"); ok && len(account) > 12 {
			return principalPattern{accountID: account[len(account)-12:]}
		}
		return principalPattern{arn: name}
	case kind == "Service":
		return principalPattern{service: name}
	}
	return principalPattern{}
}

func isAccount(name string) bool { return len(name) == 12 && strings.Trim(name, "0123456789") == "" }

// match tells whether the principal is meant; as one of its account only if whole says so, and
// always as the account's root.
func (p *principalPattern) match(who *Principal, whole bool) bool {
	return p.anybody ||
		p.accountID != "" && p.accountID == who.AccountID && (whole || who.root()) ||
		p.arn != "" && (p.arn == who.ARN || p.arn == who.RoleARN || p.arn == who.id()) ||
		p.service != "" && p.service == who.Service
}

func (p *Principal) root() bool { return strings.HasSuffix(p.ARN, ":root") }

// id is the unique id of a user, or of a session's role.
func (p *Principal) id() string {
	id, _, _ := strings.Cut(p.ID, ":")
	return id
}

func anyPrincipal(patterns []principalPattern, who *Principal, whole bool) bool {
	for i := range patterns {
		if patterns[i].match(who, whole) {
			return true
		}
	}
	return false
}
