package policy

// A Set is the policies of one identity.
type Set []*Document

// Evaluate joins what all of them say.
func (s Set) Evaluate(r *Request) Decision {
	decision := Silent
	for _, d := range s {
		if decision = max(decision, d.Evaluate(r)); decision == Deny {
			break
		}
	}
	return decision
}

// Bound is what is left of a decision of an identity's policies where others bound it: a
// permissions boundary, the policies of a session. They allow nothing of themselves.
func (d Decision) Bound(by Decision) Decision {
	switch {
	case by == Deny || d == Deny:
		return Deny
	case by == Silent:
		return Silent
	}
	return d
}
