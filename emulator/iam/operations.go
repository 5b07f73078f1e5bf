package iam

import "postern/emulator/wire"

// Wire lists what of IAM is served.
func (s *Service) Wire() wire.Service {
	return wire.Service{
		Name: "iam",
		Operations: []wire.Operation{
			wire.Op("AttachRolePolicy", s.AttachRolePolicy),
			wire.Op("CreatePolicy", s.CreatePolicy),
			wire.Op("CreatePolicyVersion", s.CreatePolicyVersion),
			wire.Op("CreateRole", s.CreateRole),
			wire.Op("DeletePolicy", s.DeletePolicy),
			wire.Op("DeletePolicyVersion", s.DeletePolicyVersion),
			wire.Op("DeleteRole", s.DeleteRole),
			wire.Op("DeleteRolePermissionsBoundary", s.DeleteRolePermissionsBoundary),
			wire.Op("DeleteRolePolicy", s.DeleteRolePolicy),
			wire.Op("DetachRolePolicy", s.DetachRolePolicy),
			wire.Op("GetPolicy", s.GetPolicy),
			wire.Op("GetPolicyVersion", s.GetPolicyVersion),
			wire.Op("GetRole", s.GetRole),
			wire.Op("GetRolePolicy", s.GetRolePolicy),
			wire.Op("ListAttachedRolePolicies", s.ListAttachedRolePolicies),
			wire.Op("ListInstanceProfilesForRole", s.ListInstanceProfilesForRole),
			wire.Op("ListPolicies", s.ListPolicies),
			wire.Op("ListPolicyTags", s.ListPolicyTags),
			wire.Op("ListPolicyVersions", s.ListPolicyVersions),
			wire.Op("ListRolePolicies", s.ListRolePolicies),
			wire.Op("ListRoleTags", s.ListRoleTags),
			wire.Op("ListRoles", s.ListRoles),
			wire.Op("PutRolePermissionsBoundary", s.PutRolePermissionsBoundary),
			wire.Op("PutRolePolicy", s.PutRolePolicy),
			wire.Op("SetDefaultPolicyVersion", s.SetDefaultPolicyVersion),
			wire.Op("TagPolicy", s.TagPolicy),
			wire.Op("TagRole", s.TagRole),
			wire.Op("UntagPolicy", s.UntagPolicy),
			wire.Op("UntagRole", s.UntagRole),
			wire.Op("UpdateAssumeRolePolicy", s.UpdateAssumeRolePolicy),
			wire.Op("UpdateRole", s.UpdateRole),
			wire.Op("UpdateRoleDescription", s.UpdateRoleDescription),
		},
		Unsupported: unsupported,
	}
}
