package auth

import (
	"context"
	"errors"
	"strings"
	"testing"

	"postern/apigw"
	"postern/apigw/policy"
)

// The tables of the REST API guide, "How API Gateway resource policies affect authorization
// workflow" (read 2026-11): what an authorizer and the resource policy say, and what comes of it.
func TestGuardJoinsWhatIsSaid(t *testing.T) {
	const (
		silent, allow, deny = policy.Silent, policy.Allow, policy.Deny
		own, other          = "111122223333", "444455556666"
	)
	for _, c := range []struct {
		name     string
		joint    Joint
		account  string // of the caller
		own      policy.Decision
		resource policy.Decision
		passes   bool
	}{
		{"same account", SignerAllows, own, allow, allow, true},
		{"same account", SignerAllows, own, allow, silent, true},
		{"same account", SignerAllows, own, allow, deny, false},
		{"same account", SignerAllows, own, silent, allow, true},
		{"same account", SignerAllows, own, silent, silent, false},
		{"same account", SignerAllows, own, silent, deny, false},
		{"same account", SignerAllows, own, deny, allow, false},
		{"same account", SignerAllows, own, deny, silent, false},
		{"same account", SignerAllows, own, deny, deny, false},
		{"cross account", SignerAllows, other, allow, allow, true},
		{"cross account", SignerAllows, other, allow, silent, false},
		{"cross account", SignerAllows, other, allow, deny, false},
		{"cross account", SignerAllows, other, silent, allow, false},
		{"cross account", SignerAllows, other, silent, silent, false},
		{"cross account", SignerAllows, other, deny, allow, false},
		{"cross account", SignerAllows, other, deny, deny, false},
		{"Lambda authorizer", EitherAllows, "", allow, silent, true},
		{"Lambda authorizer", EitherAllows, "", silent, allow, true},
		{"Lambda authorizer", EitherAllows, "", silent, silent, false},
		{"user pool", PolicyAfterwards, "", allow, allow, true},
		{"user pool", PolicyAfterwards, "", allow, silent, false},
		{"user pool", PolicyAfterwards, "", allow, deny, false},
	} {
		x := &apigw.Exchange{Stage: &apigw.Stage{AccountID: own}}
		g := Guard{Policy: saying(t, c.resource), Joint: c.joint, Ask: func(context.Context, *apigw.Exchange) (policy.Decision, error) {
			x.Identity.AccountID = c.account
			return c.own, nil
		}}
		err := g.Run(t.Context(), x)
		var r *apigw.Rejection
		if passes := err == nil; passes != c.passes || !passes && (!errors.As(err, &r) || r.Type != apigw.AccessDenied) {
			t.Errorf("%s, caller %d, policy %d: %v", c.name, c.own, c.resource, err)
		}
	}
}

// saying is a policy that says one thing to everybody.
func saying(t *testing.T, d policy.Decision) *policy.Document {
	t.Helper()
	text := map[policy.Decision]string{
		policy.Silent: `{"Statement": []}`,
		policy.Allow:  `{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}`,
		policy.Deny:   `{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}`,
	}[d]
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestWhatThePolicyDeniesToAnybodyIsNotAskedOfALambdaAuthorizer(t *testing.T) {
	g := Guard{Policy: saying(t, policy.Deny), Joint: EitherAllows, Ask: func(context.Context, *apigw.Exchange) (policy.Decision, error) {
		t.Error("it was asked")
		return policy.Allow, nil
	}}
	if g.Run(t.Context(), &apigw.Exchange{Stage: &apigw.Stage{}}) == nil {
		t.Error("it passes")
	}
}

// A denial of all but some is no denial of those: the signer is known before it is asked.
func TestThePolicyIsAskedAboutTheSigner(t *testing.T) {
	doc, err := policy.Parse([]byte(`{"Statement": {"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/alice"}, "Action": "*", "Resource": "*"}}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, passes := range map[string]bool{"alice": true, "bob": false} {
		g := Guard{Policy: doc, Joint: SignerAllows, Ask: func(_ context.Context, x *apigw.Exchange) (policy.Decision, error) {
			x.Identity.AccountID, x.Identity.UserARN = "111122223333", "arn:aws:iam::111122223333:user/"+name
			return policy.Allow, nil
		}}
		if err := g.Run(t.Context(), &apigw.Exchange{Stage: &apigw.Stage{AccountID: "111122223333"}}); (err == nil) != passes {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACallerOfAnotherAccountNeedsAPolicyOfTheAPI(t *testing.T) {
	g := Guard{Joint: SignerAllows, Ask: func(_ context.Context, x *apigw.Exchange) (policy.Decision, error) {
		x.Identity.AccountID = "444455556666"
		return policy.Allow, nil
	}}
	if g.Run(t.Context(), &apigw.Exchange{Stage: &apigw.Stage{AccountID: "111122223333"}}) == nil {
		t.Error("it passes")
	}
}

// REST API guide, "Quotas for configuring and running a REST API": 414 "Request URI too long", of methods with
// authorization.
func TestALongMethodARNIsRefused(t *testing.T) {
	asked := 0
	ask := func(context.Context, *apigw.Exchange) (policy.Decision, error) {
		asked++
		return policy.Allow, nil
	}
	x := &apigw.Exchange{Stage: &apigw.Stage{AccountID: "111122223333", Region: "eu-west-1", APIID: "abc", Name: "prod"}}
	x.Request.Verb, x.Request.Path = "GET", "/"
	x.Request.Path += strings.Repeat("x", maxMethodARN-len(MethodARN(x)))
	guarded := Guard{Ask: ask}
	if err := guarded.Run(t.Context(), x); err != nil || asked != 1 {
		t.Errorf("as long as it may be: %v", err)
	}
	x.Request.Path += "x"
	var r *apigw.Rejection
	if err := guarded.Run(t.Context(), x); !errors.As(err, &r) || r.Status != 414 || r.Message != "Request URI too long" || asked != 1 {
		t.Errorf("longer: %v", err)
	}
	open := Guard{Policy: saying(t, policy.Allow)}
	if err := open.Run(t.Context(), x); err != nil {
		t.Errorf("without authorization: %v", err)
	}
}
