package iam

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"postern/emulator/store"
	"postern/emulator/wire"
)

const (
	trust    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`
	basic    = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
)

var ctx = wire.WithCaller(context.Background(), wire.Caller{AccountID: "123456789012", Region: "eu-west-1"})

// a is a pointer to its argument, which the SDK wants everywhere.
func a[T any](v T) *T { return &v }

func newService(t *testing.T) *Service {
	t.Helper()
	st, err := store.Open(context.Background(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return New(Options{Store: st})
}

// must returns the output of an operation that may not fail.
func must[O any](t *testing.T) func(*O, error) *O {
	return func(out *O, err error) *O {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func createRole(t *testing.T, s *Service, name string) *types.Role {
	t.Helper()
	return must[iam.CreateRoleOutput](t)(s.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: a(trust)})).Role
}

func createPolicy(t *testing.T, s *Service, name string) string {
	t.Helper()
	return *must[iam.CreatePolicyOutput](t)(s.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: a(document)})).Policy.Arn
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) {
		t.Errorf("got %v, want %s", err, want)
	} else if got := e.ErrorCode() + ": " + e.ErrorMessage(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEveryOperationOfTheSDKIsServedOrRefusedWithAReason(t *testing.T) {
	w := New(Options{}).Wire()
	served := map[string]bool{}
	for _, op := range w.Operations {
		served[op.Name] = true
	}
	client := reflect.TypeFor[*iam.Client]()
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if name != "Options" && served[name] == (w.Unsupported[name] != "") {
			t.Errorf("%s: served %v, refused because %q", name, served[name], w.Unsupported[name])
		}
	}
}

func TestARoleComesBackAsAWSAnswersIt(t *testing.T) {
	s := newService(t)
	in := &iam.CreateRoleInput{
		RoleName: a("My-Role"), Path: a("/app/"), AssumeRolePolicyDocument: a(trust), Description: a("what for"),
		Tags: []types.Tag{{Key: a("k"), Value: a("v")}}, PermissionsBoundary: a(basic), MaxSessionDuration: a(int32(7200)),
	}
	r := must[iam.CreateRoleOutput](t)(s.CreateRole(ctx, in)).Role
	if !regexp.MustCompile(`^AROA[A-Z2-7]{17}$`).MatchString(*r.RoleId) || *r.Arn != "arn:aws:iam::123456789012:role/app/My-Role" {
		t.Errorf("%s %s", *r.RoleId, *r.Arn)
	}
	if !strings.HasPrefix(*r.AssumeRolePolicyDocument, "%7B%22Version%22%3A%222012-10-17%22%2C") {
		t.Error(*r.AssumeRolePolicyDocument)
	}
	got := must[iam.GetRoleOutput](t)(s.GetRole(ctx, &iam.GetRoleInput{RoleName: a("My-Role")})).Role
	if got.RoleLastUsed == nil {
		t.Error("no RoleLastUsed")
	}
	got.RoleLastUsed = nil
	if diff := cmp.Diff(r, got, cmp.FilterPath(func(p cmp.Path) bool { return strings.HasSuffix(p.String(), "noSmithyDocumentSerde") }, cmp.Ignore()),
		cmp.AllowUnexported(types.Role{}, types.Tag{}, types.AttachedPermissionsBoundary{})); diff != "" {
		t.Error(diff)
	}
	in.RoleName = a("my-role")
	_, err := s.CreateRole(ctx, in)
	wantError(t, err, "EntityAlreadyExists: Role with name my-role already exists.")
	_, err = s.GetRole(ctx, &iam.GetRoleInput{RoleName: a("x")})
	wantError(t, err, "NoSuchEntity: The role with name x cannot be found.")
}

func TestARoleChanges(t *testing.T) {
	s := newService(t)
	createRole(t, s, "r")
	must[iam.UpdateRoleOutput](t)(s.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: a("r"), Description: a("d"), MaxSessionDuration: a(int32(4000))}))
	other := strings.ReplaceAll(trust, "lambda", "apigateway")
	must[iam.UpdateAssumeRolePolicyOutput](t)(s.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: a("r"), PolicyDocument: &other}))
	must[iam.TagRoleOutput](t)(s.TagRole(ctx, &iam.TagRoleInput{RoleName: a("r"), Tags: []types.Tag{{Key: a("b"), Value: a("1")}, {Key: a("a"), Value: a("2")}}}))
	must[iam.TagRoleOutput](t)(s.TagRole(ctx, &iam.TagRoleInput{RoleName: a("r"), Tags: []types.Tag{{Key: a("B"), Value: a("3")}}}))
	must[iam.UntagRoleOutput](t)(s.UntagRole(ctx, &iam.UntagRoleInput{RoleName: a("r"), TagKeys: []string{"a"}}))
	must[iam.PutRolePermissionsBoundaryOutput](t)(s.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: a("r"), PermissionsBoundary: a(basic)}))
	r := must[iam.GetRoleOutput](t)(s.GetRole(ctx, &iam.GetRoleInput{RoleName: a("r")})).Role
	if plain, _ := url.QueryUnescape(*r.AssumeRolePolicyDocument); plain != other || *r.Description != "d" || *r.MaxSessionDuration != 4000 || r.PermissionsBoundary == nil {
		t.Errorf("%+v", r)
	}
	tags := must[iam.ListRoleTagsOutput](t)(s.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: a("r")})).Tags
	if len(tags) != 1 || *tags[0].Key != "B" || *tags[0].Value != "3" {
		t.Errorf("%+v", tags)
	}
	must[iam.DeleteRolePermissionsBoundaryOutput](t)(s.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: a("r")}))
	profiles := must[iam.ListInstanceProfilesForRoleOutput](t)(s.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: a("r")}))
	if profiles.InstanceProfiles == nil || len(profiles.InstanceProfiles) != 0 {
		t.Errorf("%+v", profiles)
	}
}

func TestRolesAreListedInPages(t *testing.T) {
	s := newService(t)
	for i := range 5 {
		createRole(t, s, fmt.Sprint("r", i))
	}
	var got []string
	in := &iam.ListRolesInput{MaxItems: a(int32(2)), PathPrefix: a("/")}
	for pages := 0; ; pages++ {
		out := must[iam.ListRolesOutput](t)(s.ListRoles(ctx, in))
		for _, r := range out.Roles {
			got = append(got, *r.RoleName)
		}
		if out.IsTruncated != (out.Marker != nil) {
			t.Error("IsTruncated without Marker or Marker without IsTruncated")
		}
		if in.Marker = out.Marker; in.Marker == nil {
			break
		}
		must[iam.DeleteRoleOutput](t)(s.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: out.Roles[len(out.Roles)-1].RoleName}))
	}
	if strings.Join(got, " ") != "r0 r1 r2 r3 r4" {
		t.Errorf("%v", got)
	}
}

func TestARoleWithPoliciesCannotBeDeleted(t *testing.T) {
	s := newService(t)
	createRole(t, s, "r")
	remove := func() error {
		_, err := s.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: a("r")})
		return err
	}
	arn := createPolicy(t, s, "p")
	for range 2 { // attaching twice is attaching once
		must[iam.AttachRolePolicyOutput](t)(s.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: a("r"), PolicyArn: &arn}))
	}
	must[iam.AttachRolePolicyOutput](t)(s.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: a("r"), PolicyArn: a(basic)}))
	must[iam.PutRolePolicyOutput](t)(s.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: a("r"), PolicyName: a("in"), PolicyDocument: a(document)}))
	attached := must[iam.ListAttachedRolePoliciesOutput](t)(s.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: a("r")})).AttachedPolicies
	if len(attached) != 2 || *attached[0].PolicyName != "p" || *attached[1].PolicyName != "AWSLambdaBasicExecutionRole" {
		t.Errorf("%+v", attached)
	}
	attached = must[iam.ListAttachedRolePoliciesOutput](t)(s.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: a("r"), PathPrefix: a("/service-role/")})).AttachedPolicies
	if len(attached) != 1 {
		t.Errorf("%+v", attached)
	}
	wantError(t, remove(), "DeleteConflict: Cannot delete entity, must detach all policies first.")
	_, err := s.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &arn})
	wantError(t, err, "DeleteConflict: Cannot delete a policy attached to entities.")
	if p := must[iam.GetPolicyOutput](t)(s.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})).Policy; *p.AttachmentCount != 1 {
		t.Errorf("%d attachments", *p.AttachmentCount)
	}
	for _, p := range []string{arn, basic} {
		must[iam.DetachRolePolicyOutput](t)(s.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: a("r"), PolicyArn: &p}))
	}
	_, err = s.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: a("r"), PolicyArn: &arn})
	wantError(t, err, "NoSuchEntity: Policy "+arn+" was not found.")
	wantError(t, remove(), "DeleteConflict: Cannot delete entity, must delete policies first.")
	got := must[iam.GetRolePolicyOutput](t)(s.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: a("r"), PolicyName: a("in")}))
	if plain, _ := url.QueryUnescape(*got.PolicyDocument); plain != document || *got.RoleName != "r" || *got.PolicyName != "in" {
		t.Errorf("%+v", got)
	}
	must[iam.DeleteRolePolicyOutput](t)(s.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: a("r"), PolicyName: a("in")}))
	if names := must[iam.ListRolePoliciesOutput](t)(s.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: a("r")})).PolicyNames; len(names) != 0 {
		t.Error(names)
	}
	_, err = s.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: a("r"), PolicyName: a("in")})
	wantError(t, err, "NoSuchEntity: The role policy with name in cannot be found.")
	if err := remove(); err != nil {
		t.Error(err)
	}
}

func TestAPolicyHasVersions(t *testing.T) {
	s := newService(t)
	arn := createPolicy(t, s, "p")
	for i := 2; i <= 5; i++ {
		v := must[iam.CreatePolicyVersionOutput](t)(s.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: a(document), SetAsDefault: i == 4})).PolicyVersion
		if *v.VersionId != fmt.Sprint("v", i) || v.IsDefaultVersion != (i == 4) {
			t.Errorf("%+v", v)
		}
	}
	_, err := s.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: a(document)})
	wantError(t, err, "LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
	_, err = s.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: a("v4")})
	wantError(t, err, "DeleteConflict: Cannot delete the default version of a policy.")
	_, err = s.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &arn})
	wantError(t, err, "DeleteConflict: This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	must[iam.SetDefaultPolicyVersionOutput](t)(s.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: a("v1")}))
	var got []string
	in := &iam.ListPolicyVersionsInput{PolicyArn: &arn, MaxItems: a(int32(2))}
	for {
		out := must[iam.ListPolicyVersionsOutput](t)(s.ListPolicyVersions(ctx, in))
		for _, v := range out.Versions {
			got = append(got, *v.VersionId)
		}
		if in.Marker = out.Marker; in.Marker == nil {
			break
		}
	}
	if strings.Join(got, " ") != "v5 v4 v3 v2 v1" {
		t.Errorf("%v", got)
	}
	for i := 2; i <= 5; i++ {
		must[iam.DeletePolicyVersionOutput](t)(s.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: a(fmt.Sprint("v", i))}))
	}
	must[iam.DeletePolicyOutput](t)(s.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &arn}))
	_, err = s.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	wantError(t, err, "NoSuchEntity: Policy "+arn+" was not found.")
}

func TestPoliciesOfAWSCanBeReadAttachedAndNotChanged(t *testing.T) {
	s := newService(t)
	p := must[iam.GetPolicyOutput](t)(s.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: a(basic)})).Policy
	if *p.PolicyId != "ANPAJNCQGXC42545SKXIK" || *p.Path != "/service-role/" || *p.DefaultVersionId != "v1" {
		t.Errorf("%+v", p)
	}
	v := must[iam.GetPolicyVersionOutput](t)(s.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: a(basic), VersionId: a("v1")})).PolicyVersion
	if plain, _ := url.QueryUnescape(*v.Document); !strings.Contains(plain, "logs:PutLogEvents") {
		t.Error(plain)
	}
	for _, m := range managedPolicies {
		if err := checkPolicy(m.document); err != nil || !managedPattern.MatchString(m.policy().ARN) {
			t.Errorf("%s: %v", m.name, err)
		}
	}
	createRole(t, s, "r")
	for _, arn := range []string{"arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/service-role/X"} {
		must[iam.AttachRolePolicyOutput](t)(s.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: a("r"), PolicyArn: &arn}))
	}
	_, err := s.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: a("arn:aws:iam::aws:policy/ReadOnlyAccess")})
	wantError(t, err, "NoSuchEntity: Policy arn:aws:iam::aws:policy/ReadOnlyAccess was not found.")
	_, err = s.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: a(basic)})
	wantError(t, err, "AccessDenied: Policy "+basic+" is managed by AWS and cannot be changed.")
	createPolicy(t, s, "mine")
	for scope, want := range map[types.PolicyScopeType]int{"": 7, types.PolicyScopeTypeAll: 7, types.PolicyScopeTypeLocal: 1, types.PolicyScopeTypeAws: 6} {
		if out := must[iam.ListPoliciesOutput](t)(s.ListPolicies(ctx, &iam.ListPoliciesInput{Scope: scope})); len(out.Policies) != want {
			t.Errorf("%q: %d policies, want %d", scope, len(out.Policies), want)
		}
	}
}

func TestBadRequestsAreRefusedInIAMsWords(t *testing.T) {
	s := newService(t)
	createRole(t, s, "r")
	createPolicy(t, s, "p")
	create := func(name, doc string) error {
		_, err := s.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &doc})
		return err
	}
	policy := func(name, doc string) error {
		_, err := s.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: &doc})
		return err
	}
	attach := func(arn string) error {
		_, err := s.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: a("r"), PolicyArn: &arn})
		return err
	}
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + s + `}]}` }
	for _, c := range []struct {
		err  error
		want string
	}{
		{create("a b", trust), "ValidationError: The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"},
		{create(strings.Repeat("x", 65), trust), "ValidationError: 1 validation error detected: Value '" + strings.Repeat("x", 65) + "' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64"},
		{create("x", "trust.json"), "MalformedPolicyDocument: This policy contains invalid Json"},
		{create("x", `[]`), "MalformedPolicyDocument: Syntax errors in policy."},
		{create("x", `{"Statement":[{"Effect":"Maybe"}]}`), "MalformedPolicyDocument: Syntax errors in policy."},
		{create("x", statement(`"Principal":"*","Action":"sts:AssumeRole","Resource":"*"`)), "MalformedPolicyDocument: Has prohibited field Resource"},
		{create("x", statement(`"Action":"sts:AssumeRole"`)), "MalformedPolicyDocument: Missing required field Principal"},
		{policy("x", statement(`"Principal":"*","Action":"s3:*","Resource":"*"`)), "MalformedPolicyDocument: Policy document should not specify a principal."},
		{policy("x", statement(`"Action":"s3:*"`)), "MalformedPolicyDocument: Policy statement must contain resources."},
		{policy("x", strings.Replace(document, "2012", "2013", 1)), "MalformedPolicyDocument: The policy must contain a valid version string"},
		{policy("P", document), "EntityAlreadyExists: A policy called P already exists. Duplicate names are not allowed."},
		{attach("p"), "InvalidInput: ARN p is not valid."},
		{attach("arn:aws:iam::123456789012:policy/none"), "NoSuchEntity: Policy arn:aws:iam::123456789012:policy/none does not exist or is not attachable."},
	} {
		wantError(t, c.err, c.want)
	}
}
