package lambda

import (
	"context"
	"errors"
	"postern/emulator/lazyregexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// AddPermission adds a statement to the resource policy of a function, or of the
// version or alias that the qualifier names: each has its own.
func (s *Service) AddPermission(ctx context.Context, in *sdk.AddPermissionInput) (*sdk.AddPermissionOutput, error) {
	r, err := readRef(ctx, "lambda:AddPermission", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if r.Qualifier == latest {
		return nil, invalid("We currently do not support adding policies for $LATEST.")
	}
	st, err := newStatement(r, in)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		o, err := findOwner(tx, r, in.RevisionId)
		if err != nil {
			return err
		}
		p, err := policyOf(tx, r)
		if err != nil {
			return err
		}
		if err := p.add(st); err != nil {
			return err
		}
		if err := putPolicy(tx, r, o, p); err != nil {
			return err
		}
		return o.revise(aws.String(tx.UUID()))
	})
	if err != nil {
		return nil, err
	}
	s.changed(r)
	return &sdk.AddPermissionOutput{Statement: aws.String(compactJSON(st))}, nil
}

// RemovePermission removes a statement.
func (s *Service) RemovePermission(ctx context.Context, in *sdk.RemovePermissionInput) (*sdk.RemovePermissionOutput, error) {
	r, err := readRef(ctx, "lambda:RemovePermission", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		if _, err := functions.Get(tx, r.Name); errors.Is(err, store.ErrNotFound) {
			return notFound("No policy found for: %s", r.arn())
		}
		o, err := findOwner(tx, r, in.RevisionId)
		if err != nil {
			return err
		}
		p, err := policyOf(tx, r)
		if err != nil {
			return err
		}
		if err := p.remove(aws.ToString(in.StatementId)); err != nil {
			return err
		}
		if err := putPolicy(tx, r, o, p); err != nil {
			return err
		}
		return o.revise(aws.String(tx.UUID()))
	})
	if err != nil {
		return nil, err
	}
	s.changed(r)
	return &sdk.RemovePermissionOutput{}, nil
}

// GetPolicy reads the resource policy; its RevisionId is that of the function,
// version or alias (recorded).
func (s *Service) GetPolicy(ctx context.Context, in *sdk.GetPolicyInput) (*sdk.GetPolicyOutput, error) {
	r, err := readRef(ctx, "lambda:GetPolicy", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	var p policy
	var o owner
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		if _, err = findFunction(tx, r); err != nil {
			return err
		}
		o, err = findOwner(tx, r, nil)
		if isMissing(err) {
			return resourceGone() // recorded of a version
		}
		if err != nil {
			return err
		}
		p, err = policyOf(tx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(p.Statements) == 0 {
		return nil, resourceGone()
	}
	return &sdk.GetPolicyOutput{Policy: aws.String(p.document()), RevisionId: o.revision}, nil
}

// newStatement is the statement that AddPermission asks for.
func newStatement(r ref, in *sdk.AddPermissionInput) (statement, error) {
	if err := checkPermission(in); err != nil {
		return statement{}, err
	}
	who, err := newPrincipal(*in.Principal, r.Region)
	if err != nil {
		return statement{}, err
	}
	st := statement{Sid: *in.StatementId, Effect: "Allow", Principal: who, Action: *in.Action, Resource: r.arn()}
	st.when("ArnLike", sourceARNKey, aws.ToString(in.SourceArn))
	st.when("StringEquals", sourceAccountKey, aws.ToString(in.SourceAccount))
	st.when("StringEquals", "lambda:EventSourceToken", aws.ToString(in.EventSourceToken))
	st.when("StringEquals", urlAuthKey, string(in.FunctionUrlAuthType))
	st.when("StringEquals", "aws:PrincipalOrgID", aws.ToString(in.PrincipalOrgID))
	if aws.ToBool(in.InvokedViaFunctionUrl) {
		st.when("Bool", viaURLKey, "true")
	}
	return st, nil
}

// when adds a condition, unless its value is empty.
func (s *statement) when(operator, key, value string) {
	if value == "" {
		return
	}
	if s.Condition == nil {
		s.Condition = map[string]map[string]string{}
	}
	if s.Condition[operator] == nil {
		s.Condition[operator] = map[string]string{}
	}
	s.Condition[operator][key] = value
}

func checkPermission(in *sdk.AddPermissionInput) error {
	var v violations
	v.check("statementId", in.StatementId, statementIDPattern, 100)
	v.check("action", in.Action, actionPattern, 0)
	v.check("principal", in.Principal, principalPattern, 0)
	v.check("sourceArn", in.SourceArn, sourceARNPattern, 0)
	v.check("sourceAccount", in.SourceAccount, accountPattern, 12)
	v.check("eventSourceToken", in.EventSourceToken, eventTokenPattern, 256)
	v.check("principalOrgID", in.PrincipalOrgID, organizationPattern, 34)
	return v.err()
}

var (
	servicePrincipal  = lazyregexp.New(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com|amazonaws\.com\.cn|aws\.internal)$`)
	identityPrincipal = lazyregexp.New(`^arn:aws[a-zA-Z-]*:(iam|sts)::\d{12}:.+$`)
)

// newPrincipal reads the Principal of AddPermission.
func newPrincipal(text, region string) (principal, error) {
	switch {
	case text == everybody.Value:
		return everybody, nil
	case accountPattern.re.MatchString(text):
		return accountRoot(text, region), nil
	case identityPrincipal.MatchString(text):
		return principal{"AWS", text}, nil
	case servicePrincipal.MatchString(text):
		return principal{"Service", text}, nil
	}
	return principal{}, invalid("The provided principal was invalid. Please check the principal and try again.")
}

// accountRoot is the principal of a whole account.
func accountRoot(account, region string) principal {
	return principal{"AWS", "arn:" + wire.Partition(region) + ":iam::" + account + ":root"}
}

// policyID is the document of r's policy. $LATEST shares the function's: a
// permission for the name covers its newest version by that qualifier too.
func policyID(r ref) string {
	if r.Qualifier == "" || r.Qualifier == latest {
		return r.Name
	}
	return r.Name + ":" + r.Qualifier
}

// policyOf reads the policy of r, empty where there is none.
func policyOf(tx *store.Tx, r ref) (policy, error) {
	d, err := policies.Get(tx, policyID(r))
	if errors.Is(err, store.ErrNotFound) {
		return policy{}, nil
	}
	return d.Value, err
}

func putPolicy(tx *store.Tx, r ref, o owner, p policy) error {
	if len(p.Statements) == 0 {
		return policies.Delete(tx, policyID(r))
	}
	return policies.Put(tx, store.Document[policy]{ID: policyID(r), Parent: &o.ref, Value: p})
}
