package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"postern/emulator"
)

// A function's policy may name an account, a user, a role or a session of one (Lambda Developer Guide, "Granting Lambda
// function access to other accounts"; IAM User Guide, "AWS JSON policy elements: Principal").
func TestAFunctionsPolicyNamesCallersOfOtherAccounts(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	arn := s.createPythonFunction(t, "f", "def handle(event, context):\n    return 'called'\n")
	const other, role = "444455556666", "arn:aws:iam::444455556666:role/caller"
	theirs := s.as(other)
	user := createUser(t, theirs, "ada", "")
	_, err := iam.NewFromConfig(theirs).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("caller"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + other + `"},"Action":"sts:AssumeRole"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	assumed, err := sts.NewFromConfig(theirs).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("one")})
	if err != nil {
		t.Fatal(err)
	}
	callers := map[string]aws.Credentials{
		"account": {AccessKeyID: other, SecretAccessKey: "test"}, "user": user,
		"session": {AccessKeyID: *assumed.Credentials.AccessKeyId, SecretAccessKey: *assumed.Credentials.SecretAccessKey, SessionToken: *assumed.Credentials.SessionToken},
	}
	owner := lambda.NewFromConfig(s.aws())
	for principal, allowed := range map[string]map[string]bool{
		"":                                   {},
		other:                                {"account": true, "user": true, "session": true},
		"arn:aws:iam::444455556666:user/ada": {"user": true},
		"arn:aws:iam::444455556666:user/eve": {},
		role:                                 {"session": true},
		"arn:aws:sts::444455556666:assumed-role/caller/one": {"session": true},
	} {
		if principal != "" {
			if _, err := owner.AddPermission(t.Context(), &lambda.AddPermissionInput{FunctionName: aws.String("f"), StatementId: aws.String("s"),
				Action: aws.String("lambda:InvokeFunction"), Principal: &principal}); err != nil {
				t.Fatal(err)
			}
		}
		for name, c := range callers {
			config := s.aws()
			config.Credentials = credentials.StaticCredentialsProvider{Value: c}
			_, err := lambda.NewFromConfig(config).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &arn})
			if (err == nil) != allowed[name] || err != nil && codeOf(err) != "AccessDeniedException" {
				t.Errorf("%s called by the %s: %v", principal, name, err)
			}
		}
		if principal != "" {
			if _, err := owner.RemovePermission(t.Context(), &lambda.RemovePermissionInput{FunctionName: aws.String("f"), StatementId: aws.String("s")}); err != nil {
				t.Fatal(err)
			}
		}
	}
	config := s.aws()
	config.Credentials = credentials.StaticCredentialsProvider{Value: user}
	me, err := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *me.Arn != "arn:aws:iam::444455556666:user/ada" || (*me.UserId)[:4] != "AIDA" {
		t.Errorf("%+v, %v", me, err)
	}
}
