package lambda

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/apigw"
	"postern/emulator/wire"
)

// Recorded 2023-11 but for the order of the conditions.
func TestStatementsAreWrittenAsAWSDoes(t *testing.T) {
	const action, resource = `"Action":"lambda:InvokeFunction"`, `"Resource":"` + prefix + `there`
	b := newBench(t)
	b.create(t, "there")
	b.publish(t, "there")
	cases := []struct {
		name   string
		change func(*sdk.AddPermissionInput)
		want   string
	}{
		{"a service", func(in *sdk.AddPermissionInput) {},
			`{"Sid":"id0","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},` + action + `,` + resource + `"}`},
		{"a service with a source", func(in *sdk.AddPermissionInput) { in.SourceArn = aws.String("arn:aws:s3:::bucket") },
			`{"Sid":"id1","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},` + action + `,` + resource + `","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::bucket"}}}`},
		{"a source's account", func(in *sdk.AddPermissionInput) { in.SourceAccount = aws.String(account) },
			`{"Sid":"id2","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},` + action + `,` + resource + `","Condition":{"StringEquals":{"AWS:SourceAccount":"111111111111"}}}`},
		{"an account", func(in *sdk.AddPermissionInput) { in.Principal = aws.String("222222222222") },
			`{"Sid":"id3","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},` + action + `,` + resource + `"}`},
		{"everybody by URL", func(in *sdk.AddPermissionInput) { in.Principal, in.FunctionUrlAuthType = aws.String("*"), "NONE" },
			`{"Sid":"id4","Effect":"Allow","Principal":"*",` + action + `,` + resource + `","Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}}`},
		{"a version", func(in *sdk.AddPermissionInput) { in.Qualifier = aws.String("1") },
			`{"Sid":"id5","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},` + action + `,` + resource + `:1"}`},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := &sdk.AddPermissionInput{
				FunctionName: aws.String("there"), StatementId: aws.String("id" + string(rune('0'+i))),
				Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("s3.amazonaws.com"),
			}
			c.change(in)
			out, err := b.AddPermission(asCaller, in)
			check(t, err)
			if *out.Statement != c.want {
				t.Errorf("\n got %s\nwant %s", *out.Statement, c.want)
			}
		})
	}
	t.Run("a version's policy is its own", func(t *testing.T) {
		out, err := b.GetPolicy(asCaller, &sdk.GetPolicyInput{FunctionName: aws.String("there"), Qualifier: aws.String("1")})
		check(t, err)
		if want := `{"Version":"2012-10-17","Id":"default","Statement":[` + cases[5].want + `]}`; *out.Policy != want {
			t.Errorf("\n got %s\nwant %s", *out.Policy, want)
		}
	})
	t.Run("a statement id is taken once", func(t *testing.T) {
		got := codeAndText(b.permitting(func(in *sdk.AddPermissionInput) { in.StatementId = aws.String("id0") })(asCaller))
		if want := "ResourceConflictException: The statement id (id0) provided already exists. Please provide a new statement id, or remove the existing statement."; got != want {
			t.Error(got)
		}
	})
	t.Run("a statement that is not there", func(t *testing.T) {
		got := codeAndText(b.unpermitting("there", "non-existent")(asCaller))
		if want := "ResourceNotFoundException: Statement non-existent is not found in resource policy."; got != want {
			t.Error(got)
		}
	})
}

// Recorded 2023-11: a policy has the function's RevisionId, and changes it.
func TestPermissionsChangeTheRevisionOfTheFunction(t *testing.T) {
	b := newBench(t)
	b.create(t, "there")
	rev2 := b.configuration(t, "there").RevisionId
	check(t, b.permitting(func(in *sdk.AddPermissionInput) { in.RevisionId = rev2 })(asCaller))
	p, err := b.GetPolicy(asCaller, &sdk.GetPolicyInput{FunctionName: aws.String("there")})
	check(t, err)
	rev3 := b.configuration(t, "there").RevisionId
	if *p.RevisionId != *rev3 || *rev3 == *rev2 {
		t.Errorf("revisions %s, %s, of the policy %s", *rev2, *rev3, *p.RevisionId)
	}
	check(t, b.unpermitting("there", "s3")(asCaller))
	if rev4 := b.configuration(t, "there").RevisionId; *rev4 == *rev3 {
		t.Error("removing changed no revision")
	}
	if _, err := b.GetPolicy(asCaller, &sdk.GetPolicyInput{FunctionName: aws.String("there")}); err == nil {
		t.Error("an empty policy is none")
	}
}

func TestPolicyHasALimit(t *testing.T) {
	b := newBench(t)
	b.create(t, "there")
	long := "arn:aws:s3:::" + strings.Repeat("b", 5000)
	var last error
	for i := range 5 {
		last = b.permitting(func(in *sdk.AddPermissionInput) {
			in.StatementId, in.SourceArn = aws.String(string(rune('a'+i))), &long
		})(asCaller)
	}
	if tooLong := (*types.PolicyLengthExceededException)(nil); !errors.As(last, &tooLong) {
		t.Errorf("got %v", last)
	}
}

// The function is called by API Gateway as arn:aws:execute-api:us-east-1:111111111111:abc/prod/GET/pets.
func TestAPIGatewayNeedsAStatementOfTheQualifierItCalls(t *testing.T) {
	const source = "arn:aws:execute-api:us-east-1:111111111111:abc/prod/GET/pets"
	permission := func(principal, arn, sourceAccount, qualifier string) func(*sdk.AddPermissionInput) {
		return func(in *sdk.AddPermissionInput) {
			in.Principal = &principal
			for to, value := range map[**string]string{&in.SourceArn: arn, &in.SourceAccount: sourceAccount, &in.Qualifier: qualifier} {
				if value != "" {
					*to = &value
				}
			}
		}
	}
	const gateway = "apigateway.amazonaws.com"
	cases := []struct {
		name       string
		permission func(*sdk.AddPermissionInput) // nil for none
		called     string
		ok         bool
	}{
		{"no statement", nil, "there", false},
		{"without conditions", permission(gateway, "", "", ""), "there", true},
		{"every source of the API", permission(gateway, "arn:aws:execute-api:us-east-1:111111111111:abc/*/*/*", "", ""), "there", true},
		{"a star spans slashes", permission(gateway, "arn:aws:execute-api:us-east-1:111111111111:abc/*", "", ""), "there", true},
		{"this method only", permission(gateway, source, "", ""), "there", true},
		{"one character each", permission(gateway, "arn:aws:execute-api:us-east-1:111111111111:a?c/prod/G?T/pets", "", ""), "there", true},
		{"any account and region", permission(gateway, "arn:aws:execute-api:*:*:abc/*", "", ""), "there", false}, // refused by AddPermission's pattern
		{"another method", permission(gateway, "arn:aws:execute-api:us-east-1:111111111111:abc/*/POST/*", "", ""), "there", false},
		{"another API", permission(gateway, "arn:aws:execute-api:us-east-1:111111111111:xyz/*", "", ""), "there", false},
		{"another account's API", permission(gateway, "arn:aws:execute-api:us-east-1:222222222222:abc/*", "", ""), "there", false},
		{"the source's account", permission(gateway, "", account, ""), "there", true},
		{"another source account", permission(gateway, "", "222222222222", ""), "there", false},
		{"another service", permission("s3.amazonaws.com", "", "", ""), "there", false},
		{"everybody", permission("*", "", "", ""), "there", true},
		{"everybody by URL only", func(in *sdk.AddPermissionInput) { in.Principal, in.FunctionUrlAuthType = aws.String("*"), "NONE" }, "there", false},
		{"an account is not the service", permission(account, "", "", ""), "there", false},
		{"another action", func(in *sdk.AddPermissionInput) {
			in.Principal, in.Action = aws.String(gateway), aws.String("lambda:GetFunction")
		}, "there", false},
		{"all actions", func(in *sdk.AddPermissionInput) {
			in.Principal, in.Action = aws.String(gateway), aws.String("lambda:*")
		}, "there", true},
		{"the function's statement is not the alias's", permission(gateway, "", "", ""), "there:live", false},
		{"nor the version's", permission(gateway, "", "", ""), "there:1", false},
		{"but $LATEST's", permission(gateway, "", "", ""), "there:$LATEST", true},
		{"the alias's own", permission(gateway, "", "", "live"), "there:live", true},
		{"the alias's is not the function's", permission(gateway, "", "", "live"), "there", false},
		{"the alias's is not its version's", permission(gateway, "", "", "live"), "there:1", false},
		{"the version's own", permission(gateway, "", "", "1"), "there:1", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.create(t, "there")
			b.publish(t, "there")
			_, err := b.CreateAlias(asCaller, &sdk.CreateAliasInput{FunctionName: aws.String("there"), Name: aws.String("live"), FunctionVersion: aws.String("1")})
			check(t, err)
			call := apigw.InvokeRequest{
				FunctionARN: prefix + c.called, Payload: []byte(`{"a":1}`),
				Principal: gateway, SourceARN: source, SourceAccount: account,
			}
			// Once before, so that the refusal is remembered and has to be forgotten.
			if _, err := b.Invoke(t.Context(), call); !errors.Is(err, apigw.ErrNotPermitted) {
				t.Fatalf("before the statement: %v", err)
			}
			if c.permission != nil {
				if err := b.permitting(c.permission)(asCaller); err != nil && c.ok {
					t.Fatal(err)
				}
			}
			out, err := b.Invoke(t.Context(), call)
			if c.ok {
				check(t, err)
				if string(out.Payload) != `{"a":1}` || out.StatusCode != 200 {
					t.Errorf("got %+v", out)
				}
				check(t, b.unpermittingAt("there", "s3", c))
				_, err = b.Invoke(t.Context(), call)
			}
			if !errors.Is(err, apigw.ErrNotPermitted) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("relaxed permissions ask for none", func(t *testing.T) {
		b := newBench(t, func(o *Options) { o.RelaxedPermissions = true })
		b.create(t, "there")
		_, err := b.Invoke(t.Context(), apigw.InvokeRequest{FunctionARN: prefix + "there", Principal: gateway, SourceARN: source})
		check(t, err)
	})
}

func (b *bench) unpermittingAt(name, sid string, c struct {
	name       string
	permission func(*sdk.AddPermissionInput)
	called     string
	ok         bool
}) error {
	in := &sdk.AddPermissionInput{}
	c.permission(in)
	_, err := b.RemovePermission(asCaller, &sdk.RemovePermissionInput{FunctionName: &name, StatementId: &sid, Qualifier: in.Qualifier})
	return err
}

func TestOtherAccountsNeedAStatementToInvoke(t *testing.T) {
	b := newBench(t)
	b.create(t, "there")
	other := wire.WithCaller(t.Context(), wire.Caller{AccountID: "222222222222", Region: region, RequestID: "r"})
	invoke := b.invoking(prefix+"there", "{}", "")
	if got := codeAndText(invoke(other)); got != "AccessDeniedException: User: arn:aws:iam::222222222222:root is not authorized to perform: lambda:InvokeFunction on resource: "+prefix+"there because no resource-based policy allows the lambda:InvokeFunction action" {
		t.Error(got)
	}
	check(t, b.permitting(func(in *sdk.AddPermissionInput) { in.Principal = aws.String("222222222222") })(asCaller))
	check(t, invoke(other))
}
