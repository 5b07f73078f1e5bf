package lambda

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

const maxPolicy = 20480 // bytes

// A policy is the resource policy of a function, a version or an alias: the
// statements that AddPermission made, in their order.
type policy struct{ Statements []statement }

// A statement is one permission, in the order of members that AWS writes.
type statement struct {
	Sid       string
	Effect    string
	Principal principal
	Action    string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"` // operator → key → value
}

// A principal is everybody, a service or an account's identity.
type principal struct {
	Kind  string // "Service", "AWS", or "" for everybody
	Value string
}

// everybody is the principal "*".
var everybody = principal{Value: "*"}

func (p principal) MarshalJSON() ([]byte, error) {
	if p == everybody {
		return []byte(`"*"`), nil
	}
	return json.Marshal(map[string]string{p.Kind: p.Value})
}

func (p *principal) UnmarshalJSON(b []byte) error {
	if string(b) == `"*"` {
		*p = everybody
		return nil
	}
	var m map[string]string
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	for p.Kind, p.Value = range m {
	}
	return nil
}

// add appends a statement, whose id must be new.
func (p *policy) add(st statement) error {
	if p.index(st.Sid) >= 0 {
		return conflict("The statement id (%s) provided already exists. Please provide a new statement id, "+
			"or remove the existing statement.", st.Sid)
	}
	p.Statements = append(p.Statements, st)
	if size := len(p.document()); size > maxPolicy {
		return policyTooLong(size)
	}
	return nil
}

// remove takes a statement out.
func (p *policy) remove(sid string) error {
	if len(p.Statements) == 0 {
		return noPolicy()
	}
	i := p.index(sid)
	if i < 0 {
		return notFound("Statement %s is not found in resource policy.", sid)
	}
	p.Statements = slices.Delete(p.Statements, i, i+1)
	return nil
}

func (p policy) index(sid string) int {
	return slices.IndexFunc(p.Statements, func(s statement) bool { return s.Sid == sid })
}

func noPolicy() error { return notFound("No policy is associated with the given resource.") }

func policyTooLong(size int) error {
	return &types.PolicyLengthExceededException{
		Message: aws.String(fmt.Sprintf("The final policy size (%d) is bigger than the limit (%d).", size, maxPolicy)), Type: byUser,
	}
}

// document is the policy as GetPolicy answers it.
func (p policy) document() string {
	return compactJSON(struct {
		Version   string
		Id        string
		Statement []statement
	}{"2012-10-17", "default", p.Statements})
}

// The condition keys that AddPermission can set.
const (
	sourceARNKey     = "AWS:SourceArn"
	sourceAccountKey = "AWS:SourceAccount"
	urlAuthKey       = "lambda:FunctionUrlAuthType"
	viaURLKey        = "lambda:InvokedViaFunctionUrl"
)

// An access is somebody's wish to do something with a function or a layer version.
type access struct {
	action        string // "lambda:InvokeFunction"
	principal     principal
	sourceARN     string
	sourceAccount string
	urlAuth       types.FunctionUrlAuthType // of a call through a function URL, "" for others
}

// permits says whether a statement allows the access, else why none does. What
// AddPermission writes are allowances only, so there is nothing to deny.
func (p policy) permits(a access) error {
	for _, s := range p.Statements {
		if s.objection(a) == (objection{}) {
			return nil
		}
	}
	if len(p.Statements) == 0 {
		return fmt.Errorf("its resource policy has no statement: allow %s with lambda add-permission", a)
	}
	var reasons []string
	for _, s := range p.Statements {
		o := s.objection(a)
		reasons = append(reasons, fmt.Sprintf("statement %q is for %s %s", s.Sid, o.what, o.want))
	}
	return fmt.Errorf("no statement of its resource policy allows %s: %s", a, strings.Join(reasons, "; "))
}

func (a access) String() string {
	if a.sourceARN == "" {
		return a.principal.Value
	}
	return a.principal.Value + " with source " + a.sourceARN
}

// An objection is what a statement asks for and an access does not have; zero
// is none.
type objection struct{ what, want string }

func (s statement) objection(a access) objection {
	if !s.Principal.includes(a.principal) {
		return objection{"principal", s.Principal.Value}
	}
	if s.Action != "*" && !strings.EqualFold(s.Action, "lambda:*") && !strings.EqualFold(s.Action, a.action) {
		return objection{"action", s.Action}
	}
	for operator, keys := range s.Condition {
		for key, want := range keys {
			if !a.meets(operator, key, want) {
				return objection{key, want}
			}
		}
	}
	return objection{}
}

func (p principal) includes(who principal) bool { return p == everybody || p == who }

// meets says whether the request has what a condition asks for. Conditions on
// keys that an invocation here never has (lambda:EventSourceToken, aws:PrincipalOrgID) are not met.
func (a access) meets(operator, key, want string) bool {
	switch {
	case operator == "ArnLike" && key == sourceARNKey:
		return a.sourceARN != "" && arnLike(want, a.sourceARN)
	case operator == "StringEquals" && key == sourceAccountKey:
		return a.sourceAccount == want
	case operator == "StringEquals" && key == urlAuthKey:
		return a.urlAuth != "" && string(a.urlAuth) == want
	case operator == "Bool" && key == viaURLKey:
		return strconv.FormatBool(a.urlAuth != "") == want
	}
	return false
}

// arnLike is IAM's ArnLike: each of the six parts of an ARN is matched apart, and
// "*" and "?" do not reach beyond their part (IAM User Guide, "IAM JSON policy
// elements: Condition operators", read 2025).
func arnLike(pattern, arn string) bool {
	p, a := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(p) != len(a) {
		return false
	}
	for i := range p {
		if !wildcard(p[i], a[i]) {
			return false
		}
	}
	return true
}

// wildcard matches s with a pattern of "*" for any text and "?" for any one byte.
func wildcard(pattern, s string) bool {
	star, retry := -1, 0
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0: // let the last star take one more
			retry++
			p, i = star+1, retry
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
