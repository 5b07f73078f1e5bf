package policy

// A Decision is what one document says of a request.
type Decision int

// Silent neither allows nor denies; Deny wins over Allow.
const (
	Silent Decision = iota
	Allow
	Deny
)

// A Request is what somebody wants to do.
type Request struct {
	Principal Principal
	Action    string // "execute-api:Invoke"
	Resource  string // ARN
	// Plain is Resource in its plain spelling, "" where it has no other: what is denied by one of the
	// two is denied.
	Plain string
	// Condition returns the values of a condition key, given in lower case
	// ("aws:sourceip"); nil where the request has none. Nil knows no keys.
	Condition func(key string) []string
	// Delegated lets statements that name the principal's account as a whole allow. They leave it to
	// the account to decide, so who sets it asks the account's own policies too (IAM user guide,
	// "AWS account principals", read 2026-11). Denials of the account always count.
	Delegated bool
}

// A Principal is who makes a request. The zero Principal is anonymous.
type Principal struct {
	AccountID string
	ARN       string // of a user, of the session of a role, or of the account's root
	ID        string // unique: "AIDA…", "AROA…:session"
	RoleARN   string // of a session's role
	Service   string // "apigateway.amazonaws.com", for AWS's own services
}

func (r *Request) values(key string) []string {
	if r.Condition == nil {
		return nil
	}
	return r.Condition(key)
}

// Evaluate decides. A nil Document is silent.
func (d *Document) Evaluate(r *Request) Decision {
	if d == nil {
		return Silent
	}
	decision := Silent
	for i := range d.statements {
		s := &d.statements[i]
		if decision == Allow && !s.deny || !s.matches(r) {
			continue
		}
		if s.deny {
			return Deny
		}
		decision = Allow
	}
	return decision
}

func (s *statement) matches(r *Request) bool {
	return s.names(r) && s.covers(r) && s.holds(r)
}

// names tells whether the statement is about the principal.
func (s *statement) names(r *Request) bool {
	switch {
	case s.anyone:
		return true
	case s.notPrincipals != nil:
		return !anyPrincipal(s.notPrincipals, &r.Principal, true)
	}
	return anyPrincipal(s.principals, &r.Principal, s.deny || r.Delegated)
}

// covers tells whether the statement is about the action and the resource.
func (s *statement) covers(r *Request) bool {
	if s.actions != nil && !anyPattern(s.actions, r, r.Action) || s.notActions != nil && anyPattern(s.notActions, r, r.Action) {
		return false
	}
	return s.reaches(r, r.Resource) || s.deny && r.Plain != "" && s.reaches(r, r.Plain)
}

func (s *statement) reaches(r *Request, resource string) bool {
	return (s.resources == nil || anyPattern(s.resources, r, resource)) && (s.notResources == nil || !anyPattern(s.notResources, r, resource))
}

// holds tells whether all conditions are met.
func (s *statement) holds(r *Request) bool {
	for i := range s.conditions {
		if !s.conditions[i].met(r) {
			return false
		}
	}
	return true
}

func anyPattern(patterns []pattern, r *Request, text string) bool {
	for i := range patterns {
		if patterns[i].match(r, text) {
			return true
		}
	}
	return false
}
