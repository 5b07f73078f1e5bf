package iam

import (
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	rules "postern/apigw/policy"
	"postern/emulator/accesskey"
	"postern/emulator/wire"
)

func createUser(t *testing.T, s *Service, name string) *types.User {
	t.Helper()
	return must[iam.CreateUserOutput](t)(s.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})).User
}

func createKey(t *testing.T, s *Service, user string) *types.AccessKey {
	t.Helper()
	return must[iam.CreateAccessKeyOutput](t)(s.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &user})).AccessKey
}

func TestAUserComesBackAsAWSAnswersIt(t *testing.T) {
	s := newService(t)
	made := must[iam.CreateUserOutput](t)(s.CreateUser(ctx, &iam.CreateUserInput{
		UserName: a("Alice"), Path: a("/app/"), Tags: []types.Tag{{Key: a("k"), Value: a("v")}}, PermissionsBoundary: a(basic),
	})).User
	if !regexp.MustCompile(`^AIDA[A-Z2-7]{17}$`).MatchString(*made.UserId) || *made.Arn != "arn:aws:iam::123456789012:user/app/Alice" {
		t.Errorf("%s %s", *made.UserId, *made.Arn)
	}
	_, err := s.CreateUser(ctx, &iam.CreateUserInput{UserName: a("alice")})
	wantError(t, err, "EntityAlreadyExists: User with name alice already exists.")
	_, err = s.GetUser(ctx, &iam.GetUserInput{UserName: a("bob")})
	wantError(t, err, "NoSuchEntity: The user with name bob cannot be found.")
	must[iam.UpdateUserOutput](t)(s.UpdateUser(ctx, &iam.UpdateUserInput{UserName: a("alice"), NewUserName: a("carol"), NewPath: a("/")}))
	got := must[iam.GetUserOutput](t)(s.GetUser(ctx, &iam.GetUserInput{UserName: a("carol")})).User
	if *got.UserId != *made.UserId || *got.Arn != "arn:aws:iam::123456789012:user/carol" || len(got.Tags) != 1 || got.PermissionsBoundary == nil {
		t.Errorf("%+v", got)
	}
	createUser(t, s, "dave")
	_, err = s.UpdateUser(ctx, &iam.UpdateUserInput{UserName: a("dave"), NewUserName: a("CAROL")})
	wantError(t, err, "EntityAlreadyExists: User with name CAROL already exists.")
	if list := must[iam.ListUsersOutput](t)(s.ListUsers(ctx, &iam.ListUsersInput{})).Users; len(list) != 2 || *list[0].UserName != "carol" {
		t.Errorf("%+v", list)
	}
	must[iam.UntagUserOutput](t)(s.UntagUser(ctx, &iam.UntagUserInput{UserName: a("carol"), TagKeys: []string{"K"}}))
	if tags := must[iam.ListUserTagsOutput](t)(s.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: a("carol")})).Tags; len(tags) != 0 {
		t.Errorf("%+v", tags)
	}
}

func TestAUserHasTwoKeys(t *testing.T) {
	s := newService(t)
	createUser(t, s, "alice")
	createUser(t, s, "bob")
	k := createKey(t, s, "alice")
	if account, _ := accesskey.Account(*k.AccessKeyId); account != "123456789012" || len(*k.SecretAccessKey) != 40 || k.Status != types.StatusTypeActive {
		t.Errorf("%+v", k)
	}
	createKey(t, s, "alice")
	_, err := s.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: a("alice")})
	wantError(t, err, "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2")
	_, err = s.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})
	wantError(t, err, "ValidationError: Must specify userName when calling with non-User credentials")
	_, err = s.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: a("bob"), AccessKeyId: k.AccessKeyId, Status: types.StatusTypeInactive})
	wantError(t, err, "NoSuchEntity: The Access Key with id "+*k.AccessKeyId+" cannot be found.")

	herself := wire.WithCaller(ctx, wire.Caller{AccountID: "123456789012", AccessKeyID: *k.AccessKeyId})
	if u := must[iam.GetUserOutput](t)(s.GetUser(herself, &iam.GetUserInput{})).User; *u.UserName != "alice" {
		t.Errorf("%+v", u)
	}
	if u := must[iam.GetUserOutput](t)(s.GetUser(ctx, &iam.GetUserInput{})).User; *u.Arn != "arn:aws:iam::123456789012:root" {
		t.Errorf("%+v", u)
	}
	if list := must[iam.ListAccessKeysOutput](t)(s.ListAccessKeys(herself, &iam.ListAccessKeysInput{})).AccessKeyMetadata; len(list) != 2 {
		t.Errorf("%+v", list)
	}
	if used := must[iam.GetAccessKeyLastUsedOutput](t)(s.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: k.AccessKeyId})); *used.UserName != "alice" || *used.AccessKeyLastUsed.ServiceName != "N/A" {
		t.Errorf("%+v", used)
	}
}

func TestAUserIsDeletedWhenNothingIsLeft(t *testing.T) {
	s := newService(t)
	createUser(t, s, "alice")
	k := createKey(t, s, "alice")
	must[iam.CreateGroupOutput](t)(s.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: a("team")}))
	must[iam.AddUserToGroupOutput](t)(s.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: a("team"), UserName: a("alice")}))
	must[iam.PutUserPolicyOutput](t)(s.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: a("alice"), PolicyName: a("in"), PolicyDocument: a(document)}))
	must[iam.AttachUserPolicyOutput](t)(s.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: a("alice"), PolicyArn: a(basic)}))
	must[iam.PutGroupPolicyOutput](t)(s.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: a("team"), PolicyName: a("in"), PolicyDocument: a(document)}))
	remove := func() error {
		_, err := s.DeleteUser(ctx, &iam.DeleteUserInput{UserName: a("alice")})
		return err
	}
	removeGroup := func() error {
		_, err := s.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: a("team")})
		return err
	}
	wantError(t, remove(), "DeleteConflict: Cannot delete entity, must delete access keys first.")
	must[iam.DeleteAccessKeyOutput](t)(s.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: a("alice"), AccessKeyId: k.AccessKeyId}))
	wantError(t, remove(), "DeleteConflict: Cannot delete entity, must remove user from groups first.")
	wantError(t, removeGroup(), "DeleteConflict: Cannot delete entity, must remove users from group first.")
	if g := must[iam.GetGroupOutput](t)(s.GetGroup(ctx, &iam.GetGroupInput{GroupName: a("TEAM")})); len(g.Users) != 1 || *g.Group.Arn != "arn:aws:iam::123456789012:group/team" {
		t.Errorf("%+v", g)
	}
	must[iam.RemoveUserFromGroupOutput](t)(s.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: a("team"), UserName: a("alice")}))
	wantError(t, remove(), "DeleteConflict: Cannot delete entity, must detach all policies first.")
	must[iam.DetachUserPolicyOutput](t)(s.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: a("alice"), PolicyArn: a(basic)}))
	wantError(t, remove(), "DeleteConflict: Cannot delete entity, must delete policies first.")
	must[iam.DeleteUserPolicyOutput](t)(s.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: a("alice"), PolicyName: a("in")}))
	_, err := s.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: a("alice"), PolicyName: a("in")})
	wantError(t, err, "NoSuchEntity: The user policy with name in cannot be found.")
	wantError(t, removeGroup(), "DeleteConflict: Cannot delete entity, must delete policies first.")
	if err := remove(); err != nil {
		t.Error(err)
	}
}

func TestAnIdentityKnowsAllItsPoliciesAndTheirChanges(t *testing.T) {
	s := newService(t)
	createUser(t, s, "alice")
	k := createKey(t, s, "alice")
	invoke := func() rules.Decision {
		i, err := s.Key(ctx, *k.AccessKeyId)
		if err != nil || i == nil {
			t.Fatal(i, err)
		}
		return i.Decide(&rules.Request{Action: "execute-api:Invoke", Resource: "arn:aws:execute-api:us-east-1:123456789012:abc/prod/GET/"})
	}
	statement := func(effect string) *string {
		return a(`{"Version":"2012-10-17","Statement":{"Effect":"` + effect + `","Action":"execute-api:*","Resource":"*"}}`)
	}
	want := func(d rules.Decision, after string) {
		t.Helper()
		if got := invoke(); got != d {
			t.Errorf("after %s: %d, want %d", after, got, d)
		}
	}
	want(rules.Silent, "nothing")
	must[iam.CreateGroupOutput](t)(s.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: a("team")}))
	must[iam.PutGroupPolicyOutput](t)(s.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: a("team"), PolicyName: a("in"), PolicyDocument: statement("Allow")}))
	want(rules.Silent, "a group that she is not in")
	must[iam.AddUserToGroupOutput](t)(s.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: a("team"), UserName: a("alice")}))
	want(rules.Allow, "joining the group")
	must[iam.PutUserPermissionsBoundaryOutput](t)(s.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: a("alice"), PermissionsBoundary: a(basic)}))
	want(rules.Silent, "a boundary that leaves it out")
	must[iam.DeleteUserPermissionsBoundaryOutput](t)(s.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: a("alice")}))
	must[iam.PutUserPolicyOutput](t)(s.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: a("alice"), PolicyName: a("no"), PolicyDocument: statement("Deny")}))
	want(rules.Deny, "an inline denial")
	must[iam.DeleteUserPolicyOutput](t)(s.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: a("alice"), PolicyName: a("no")}))
	must[iam.RemoveUserFromGroupOutput](t)(s.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: a("team"), UserName: a("alice")}))
	must[iam.AttachUserPolicyOutput](t)(s.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: a("alice"), PolicyArn: a("arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess")}))
	want(rules.Allow, "AWS's own policy")
	must[iam.DeleteAccessKeyOutput](t)(s.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: a("alice"), AccessKeyId: k.AccessKeyId}))
	if i, err := s.Key(ctx, *k.AccessKeyId); i != nil || err != nil {
		t.Errorf("%v %v", i, err)
	}
}
