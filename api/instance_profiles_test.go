package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const inkProfile = "arn:aws:iam::«ACCOUNT»:instance-profile/office/Ink"

// makeProfile makes an instance profile named Ink, which carries nothing, beside
// the role of that name.
func makeProfile(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makeEntities(t, root, made)
	if _, err := root.IAM.CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{
		InstanceProfileName: ink, Path: aws.String("/office/"), Tags: []types.Tag{tag("team", "blue")},
	}); err != nil {
		t.Fatalf("CreateInstanceProfile: %v", err)
	}
}

// makeCarrier makes the instance profile and puts the role into it.
func makeCarrier(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makeProfile(t, root, made)
	if _, err := root.IAM.AddRoleToInstanceProfile(t.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: ink, RoleName: ink}); err != nil {
		t.Fatalf("AddRoleToInstanceProfile: %v", err)
	}
}

func getProfile(t *testing.T, root *clients, name string) *types.InstanceProfile {
	t.Helper()
	out, err := root.IAM.GetInstanceProfile(t.Context(), &iam.GetInstanceProfileInput{InstanceProfileName: aws.String(name)})
	if err != nil {
		t.Fatalf("GetInstanceProfile: %v", err)
	}
	return out.InstanceProfile
}

// profileText writes what an answer tells of an instance profile.
func profileText(p *types.InstanceProfile) string {
	text := fmt.Sprint(aws.ToString(p.Arn), " ", aws.ToString(p.InstanceProfileId), " ", aws.ToString(p.Path), " ", aws.ToString(p.InstanceProfileName), " tags ", tagText(p.Tags))
	for _, r := range p.Roles {
		text += " role " + aws.ToString(r.Arn) + " " + aws.ToString(r.AssumeRolePolicyDocument)
		if r.MaxSessionDuration != nil || r.Description != nil || r.Tags != nil || r.PermissionsBoundary != nil || r.RoleLastUsed != nil {
			text += " and more"
		}
	}
	return text
}

func profileTexts(list []types.InstanceProfile) string {
	var all []string
	for i := range list {
		all = append(all, profileText(&list[i]))
	}
	return strings.Join(all, "\n")
}

// rolesOf names the roles that a profile carries.
func rolesOf(p *types.InstanceProfile) string {
	var names []string
	for _, r := range p.Roles {
		names = append(names, aws.ToString(r.RoleName))
	}
	return strings.Join(names, " ")
}

func instanceProfileCases() []actionCase {
	const newProfile = "arn:aws:iam::«ACCOUNT»:instance-profile/office/Pen"
	onTags := func(c actionCase) actionCase {
		c.key, c.holds, c.other = "aws:ResourceTag/team", "blue", "red"
		return c
	}
	create := func(tags ...types.Tag) func(context.Context, *clients, map[string]string) error {
		return func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{
				InstanceProfileName: aws.String("Pen"), Path: aws.String("/office/"), Tags: tags,
			})
			if err == nil {
				made["profile"] = profileText(out.InstanceProfile)
			}
			return err
		}
	}
	created := func(t *testing.T, root *clients, made map[string]string) {
		p := getProfile(t, root, "pen")
		same(t, "profile", profileText(p), made["profile"])
		same(t, "ARN", aws.ToString(p.Arn), "arn:aws:iam::"+root.Account+":instance-profile/office/Pen")
		same(t, "kind of id", aws.ToString(p.InstanceProfileId)[:4], "AIPA")
	}
	tagsNow := func(want string) func(*testing.T, *clients, map[string]string) {
		return func(t *testing.T, root *clients, _ map[string]string) {
			out, err := root.IAM.ListInstanceProfileTags(t.Context(), &iam.ListInstanceProfileTagsInput{InstanceProfileName: ink})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "tags", tagText(out.Tags), want)
		}
	}
	return []actionCase{
		{action: "CreateInstanceProfile", call: create(), effect: created, grants: []grant{{"iam:CreateInstanceProfile", newProfile}}},
		{
			action: "CreateInstanceProfile", call: create(tag("team", "red")), effect: created,
			grants: []grant{{"iam:CreateInstanceProfile", newProfile}, {"iam:TagInstanceProfile", newProfile}},
			key:    "aws:RequestTag/team", holds: "red", other: "blue",
		},
		onTags(actionCase{
			action: "GetInstanceProfile", setup: makeCarrier, grants: []grant{{"iam:GetInstanceProfile", inkProfile}},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: ink})
				if err == nil {
					made["profile"] = profileText(out.InstanceProfile)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				out, err := root.IAM.ListInstanceProfiles(t.Context(), &iam.ListInstanceProfilesInput{PathPrefix: aws.String("/office/")})
				if err != nil || len(out.InstanceProfiles) != 1 {
					t.Fatalf("ListInstanceProfiles: %v, %v", out, err)
				}
				listed := out.InstanceProfiles[0]
				same(t, "tags listed", tagText(listed.Tags), "")
				listed.Tags = []types.Tag{tag("team", "blue")}
				same(t, "profile", made["profile"], profileText(&listed))
				same(t, "its role", rolesOf(&listed), "Ink")
			},
		}),
		{
			action: "ListInstanceProfiles", setup: makeCarrier,
			grants: []grant{{"iam:ListInstanceProfiles", "arn:aws:iam::«ACCOUNT»:instance-profile/"}},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListInstanceProfiles(ctx, nil)
				if err == nil {
					made["profiles"] = profileTexts(out.InstanceProfiles)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				p := getProfile(t, root, "ink")
				p.Tags = nil
				same(t, "profiles", made["profiles"], profileText(p))
			},
		},
		onTags(actionCase{
			action: "ListInstanceProfilesForRole", setup: makeCarrier, grants: []grant{{"iam:ListInstanceProfilesForRole", inkRole}},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: ink})
				if err == nil {
					made["profiles"] = profileTexts(out.InstanceProfiles)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				p := getProfile(t, root, "ink")
				p.Tags = nil
				same(t, "profiles", made["profiles"], profileText(p))
			},
		}),
		onTags(actionCase{
			action: "AddRoleToInstanceProfile", setup: makeProfile,
			grants: []grant{{"iam:AddRoleToInstanceProfile", inkProfile}, {"iam:PassRole", inkRole}},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: ink, RoleName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "roles", rolesOf(getProfile(t, root, "Ink")), "Ink")
			},
		}),
		onTags(actionCase{
			action: "RemoveRoleFromInstanceProfile", setup: makeCarrier, grants: []grant{{"iam:RemoveRoleFromInstanceProfile", inkProfile}},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: ink, RoleName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "roles", rolesOf(getProfile(t, root, "Ink")), "")
			},
		}),
		onTags(actionCase{
			action: "DeleteInstanceProfile", setup: makeProfile, grants: []grant{{"iam:DeleteInstanceProfile", inkProfile}},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: ink})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				_, err := root.IAM.GetInstanceProfile(t.Context(), &iam.GetInstanceProfileInput{InstanceProfileName: ink})
				wantError(t, "the deleted profile", err, "NoSuchEntity", "Instance Profile Ink cannot be found.")
			},
		}),
		{
			action: "TagInstanceProfile", setup: makeProfile, grants: []grant{{"iam:TagInstanceProfile", inkProfile}},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: ink, Tags: []types.Tag{tag("TEAM", "red")}})
				return err
			},
			effect: tagsNow("TEAM=red team=blue"), key: "aws:RequestTag/TEAM", holds: "red", other: "blue", tagKeys: "TEAM",
		},
		onTags(actionCase{
			action: "UntagInstanceProfile", setup: makeProfile, grants: []grant{{"iam:UntagInstanceProfile", inkProfile}},
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.IAM.UntagInstanceProfile(ctx, &iam.UntagInstanceProfileInput{InstanceProfileName: ink, TagKeys: []string{"team", "other"}})
				return err
			},
			effect: tagsNow(""), tagKeys: "team",
		}),
		onTags(actionCase{
			action: "ListInstanceProfileTags", setup: makeProfile, grants: []grant{{"iam:ListInstanceProfileTags", inkProfile}},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListInstanceProfileTags(ctx, &iam.ListInstanceProfileTagsInput{InstanceProfileName: ink})
				if err == nil {
					made["tags"] = tagText(out.Tags)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "tags", made["tags"], tagText(getProfile(t, root, "Ink").Tags))
			},
		}),
	}
}

// TestPassRoleToEC2: the role must be allowed to be passed to EC2, and to
// nothing else.
func TestPassRoleToEC2(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		condition map[string]map[string]string
		allowed   bool
	}{
		{map[string]map[string]string{"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, true},
		{map[string]map[string]string{"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, false},
		{map[string]map[string]string{"ArnLike": {"iam:AssociatedResourceArn": "arn:aws:ec2:*:«ACCOUNT»:instance/*"}}, true},
		{map[string]map[string]string{"ArnLike": {"iam:AssociatedResourceArn": "arn:aws:ec2:us-east-1:«ACCOUNT»:instance/i-1"}}, false},
		{map[string]map[string]string{"StringEquals": {"aws:ResourceTag/team": "blue"}}, true},
		{map[string]map[string]string{"StringEquals": {"aws:ResourceTag/team": "red"}}, false},
	} {
		root := w.account(t)
		makeProfile(t, root, nil)
		for _, of := range c.condition {
			for k, v := range of {
				of[k] = strings.ReplaceAll(v, "«ACCOUNT»", root.Account)
			}
		}
		caller := w.caller(t, root, statement{"Allow", "iam:AddRoleToInstanceProfile", "*", nil}, statement{"Allow", "iam:PassRole", "*", c.condition})
		_, err := caller.IAM.AddRoleToInstanceProfile(t.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: ink, RoleName: ink})
		if c.allowed && err != nil {
			t.Errorf("%v: %v", c.condition, err)
		}
		if !c.allowed {
			wantError(t, fmt.Sprint(c.condition), err, "AccessDenied", "iam:PassRole on resource: arn:aws:iam::"+root.Account+":role/office/Ink because no")
		}
	}
}

// TestInstanceProfileRefusals: AWS's words, and how a denial names things.
func TestInstanceProfileRefusals(t *testing.T) {
	w := newWorld(t)
	root := w.account(t)
	makeCarrier(t, root, nil)
	ctx := t.Context()
	_, err := root.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: ink})
	wantError(t, "a role in a profile", err, "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
	_, err = root.IAM.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: ink})
	wantError(t, "a profile with a role", err, "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
	_, err = root.IAM.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: ink, RoleName: ink})
	wantError(t, "a second role", err, "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")

	caller := w.caller(t, root)
	_, err = caller.IAM.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: ink})
	wantError(t, "read", err, "AccessDenied", "iam:GetInstanceProfile on resource: instance profile Ink because")
	_, err = caller.IAM.ListInstanceProfiles(ctx, nil)
	wantError(t, "list", err, "AccessDenied", "iam:ListInstanceProfiles on resource: arn:aws:iam::"+root.Account+":instance-profile/ because")
	_, err = caller.IAM.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: ink})
	wantError(t, "list for a role", err, "AccessDenied", "iam:ListInstanceProfilesForRole on resource: role Ink because")
	_, err = caller.IAM.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("Pen")})
	wantError(t, "create", err, "AccessDenied", "iam:CreateInstanceProfile on resource: arn:aws:iam::"+root.Account+":instance-profile/Pen because")
}

// TestInstanceProfilePages: pages stay right while profiles come and go.
func TestInstanceProfilePages(t *testing.T) {
	root := newWorld(t).account(t)
	ctx := t.Context()
	create := func(name string) {
		if _, err := root.IAM.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String(name)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"d", "B", "a", "C"} {
		create(name)
	}
	var names []string
	in := &iam.ListInstanceProfilesInput{MaxItems: aws.Int32(2)}
	for {
		out, err := root.IAM.ListInstanceProfiles(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range out.InstanceProfiles {
			names = append(names, *p.InstanceProfileName)
		}
		same(t, "truncated", out.IsTruncated, out.Marker != nil)
		if in.Marker = out.Marker; in.Marker == nil {
			break
		}
		if len(names) == 2 { // one given goes, one before and one behind come
			if _, err := root.IAM.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: aws.String("b")}); err != nil {
				t.Fatal(err)
			}
			create("aa")
			create("e")
		}
	}
	same(t, "names", strings.Join(names, " "), "a B C d e")
}
