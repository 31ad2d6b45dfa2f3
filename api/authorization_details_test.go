package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// makeDetails makes one of everything that the details tell of.
func makeDetails(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makeCarrier(t, root, made)
	ctx := t.Context()
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	paper, err := root.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("Paper"), PolicyDocument: aws.String(oddText), Description: aws.String("d")})
	ok(nil, err)
	ok(root.IAM.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: paper.Policy.Arn, PolicyDocument: aws.String(oddText), SetAsDefault: true}))
	ok(root.IAM.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: ink, GroupName: ink}))
	ok(root.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: ink, PolicyName: aws.String("in"), PolicyDocument: aws.String(oddText)}))
	ok(root.IAM.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: ink, PolicyName: aws.String("in"), PolicyDocument: aws.String(oddText)}))
	ok(root.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: ink, PolicyName: aws.String("in"), PolicyDocument: aws.String(oddText)}))
	ok(root.IAM.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: ink, PolicyArn: paper.Policy.Arn}))
	ok(root.IAM.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: ink, PolicyArn: aws.String(adminARN)}))
	ok(root.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: ink, PolicyArn: paper.Policy.Arn}))
	ok(root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Plain")}))
}

// oddText is a policy that only an exact encoding brings back.
const oddText = `{ "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a+b%41/é/*"} }`

// detailNames lists what a page tells of, by kind.
func detailNames(out *iam.GetAccountAuthorizationDetailsOutput) []string {
	var names []string
	for _, u := range out.UserDetailList {
		names = append(names, "user "+*u.UserName)
	}
	for _, r := range out.RoleDetailList {
		names = append(names, "role "+*r.RoleName)
	}
	for _, g := range out.GroupDetailList {
		names = append(names, "group "+*g.GroupName)
	}
	for _, p := range out.Policies {
		names = append(names, "policy "+*p.PolicyName)
	}
	return names
}

// allDetails reads every page.
func allDetails(ctx context.Context, c *clients, in *iam.GetAccountAuthorizationDetailsInput, each func(*iam.GetAccountAuthorizationDetailsOutput)) error {
	pages := iam.NewGetAccountAuthorizationDetailsPaginator(c.IAM, in)
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		each(out)
	}
	return nil
}

func authorizationDetailsCases() []actionCase {
	return []actionCase{{
		action: "GetAccountAuthorizationDetails", setup: makeDetails, grants: []grant{{"iam:GetAccountAuthorizationDetails", "*"}},
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			var names []string
			err := allDetails(ctx, c, &iam.GetAccountAuthorizationDetailsInput{}, func(out *iam.GetAccountAuthorizationDetailsOutput) {
				names = append(names, detailNames(out)...)
			})
			made["names"] = strings.Join(names, "\n")
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			var want []string
			users, err := root.IAM.ListUsers(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range users.Users {
				want = append(want, "user "+*u.UserName)
			}
			want = append(want, "role Ink", "group Ink", "policy Paper")
			attached, err := root.IAM.ListPolicies(t.Context(), &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeAws, OnlyAttached: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range attached.Policies {
				want = append(want, "policy "+*p.PolicyName)
			}
			want = append(want, "policy ReadOnlyAccess") // a boundary
			same(t, "names", made["names"], strings.Join(want, "\n"))
		},
	}}
}

// TestAuthorizationDetails: what is told of each thing, and what is left out.
func TestAuthorizationDetails(t *testing.T) {
	root := newWorld(t).account(t)
	makeDetails(t, root, nil)
	out, err := root.IAM.GetAccountAuthorizationDetails(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	paper := "arn:aws:iam::" + root.Account + ":policy/Paper"
	text := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	same(t, "truncated", out.IsTruncated, false)

	u := out.UserDetailList[0]
	same(t, "user's groups", text(u.GroupList), `["Ink"]`)
	same(t, "user's attached", text(u.AttachedManagedPolicies), `[{"PolicyArn":"`+paper+`","PolicyName":"Paper"}]`)
	same(t, "user's inline", unescaped(t, u.UserPolicyList[0].PolicyDocument), oddText)
	same(t, "user's boundary", boundaryOf(u.PermissionsBoundary), "Policy "+boundaryARN)
	same(t, "user's tags", tagText(u.Tags), "team=blue")
	plain := out.UserDetailList[1]
	same(t, "plain user", text([]any{plain.GroupList, plain.AttachedManagedPolicies, plain.UserPolicyList, plain.Tags, plain.PermissionsBoundary}), "[[],[],null,[],null]")

	g := out.GroupDetailList[0]
	same(t, "group's attached", text(g.AttachedManagedPolicies), `[{"PolicyArn":"`+adminARN+`","PolicyName":"AdministratorAccess"}]`)
	same(t, "group's inline", unescaped(t, g.GroupPolicyList[0].PolicyDocument), oddText)

	r := out.RoleDetailList[0]
	same(t, "role's trust", unescaped(t, r.AssumeRolePolicyDocument), trustText)
	same(t, "role's inline", unescaped(t, r.RolePolicyList[0].PolicyDocument), oddText)
	same(t, "role's attached", *r.AttachedManagedPolicies[0].PolicyArn, paper)
	same(t, "role's tags", tagText(r.Tags), "team=blue")
	same(t, "role's boundary", boundaryOf(r.PermissionsBoundary), "Policy "+boundaryARN)
	if r.RoleLastUsed == nil || r.RoleLastUsed.LastUsedDate != nil {
		t.Errorf("an unused role was used: %v", r.RoleLastUsed)
	}
	listed := getProfile(t, root, "Ink")
	listed.Tags = nil
	same(t, "role's profiles", profileTexts(r.InstanceProfileList), profileText(listed))

	var policies []string
	for _, p := range out.Policies {
		line := fmt.Sprint(*p.Arn, " ", *p.AttachmentCount, " ", *p.PermissionsBoundaryUsageCount, " ", *p.DefaultVersionId, " ", aws.ToString(p.Description))
		for _, v := range p.PolicyVersionList {
			if *p.Arn == paper {
				line += fmt.Sprint(" ", *v.VersionId, v.IsDefaultVersion)
				same(t, "document", unescaped(t, v.Document), oddText)
			} else if !strings.Contains(unescaped(t, v.Document), `"Statement"`) {
				t.Errorf("%s has %s", *p.Arn, *v.Document)
			}
		}
		policies = append(policies, line)
	}
	if len(policies) != 3 {
		t.Fatalf("policies %q", policies)
	}
	same(t, "own policy", policies[0], paper+" 2 0 v2  v2true v1false")
	same(t, "AWS's attached", strings.HasPrefix(policies[1], adminARN+" 1 0 "), true)
	same(t, "AWS's boundary", strings.HasPrefix(policies[2], boundaryARN+" 0 2 "), true)

	count := summary(t, root)
	same(t, "it adds up", fmt.Sprint(count["Users"], count["Roles"], count["Groups"], count["Policies"], count["PolicyVersionsInUse"], count["InstanceProfiles"]),
		fmt.Sprint(len(out.UserDetailList), len(out.RoleDetailList), len(out.GroupDetailList), 1, 3, 1))
}

// TestAuthorizationDetailsPages: any size of page and any filter tell the same,
// each thing once; a marker is good for its own filter only.
func TestAuthorizationDetailsPages(t *testing.T) {
	root := newWorld(t).account(t)
	makeDetails(t, root, nil)
	whole := []string{"user Ink", "user Plain", "role Ink", "group Ink", "policy Paper", "policy AdministratorAccess", "policy ReadOnlyAccess"}
	of := map[types.EntityType][]string{
		types.EntityTypeUser: whole[:2], types.EntityTypeRole: whole[2:3], types.EntityTypeGroup: whole[3:4],
		types.EntityTypeLocalManagedPolicy: whole[4:5], types.EntityTypeAWSManagedPolicy: whole[5:],
	}
	kinds := []types.EntityType{types.EntityTypeAWSManagedPolicy, types.EntityTypeGroup, types.EntityTypeLocalManagedPolicy, types.EntityTypeRole, types.EntityTypeUser}
	for mask := range 1 << len(kinds) {
		var filter []types.EntityType
		want := whole
		if mask != 0 {
			want = nil
		}
		for i, k := range kinds {
			if mask&(1<<i) != 0 {
				filter, want = append(filter, k), append(want[:len(want):len(want)], of[k]...)
			}
		}
		slices.SortFunc(want, func(a, b string) int { return slices.Index(whole, a) - slices.Index(whole, b) })
		for size := range int32(4) {
			var got []string
			in := &iam.GetAccountAuthorizationDetailsInput{Filter: filter, MaxItems: aws.Int32(size + 1)}
			if err := allDetails(t.Context(), root, in, func(out *iam.GetAccountAuthorizationDetailsOutput) {
				if names := detailNames(out); len(names) == 0 || len(names) > int(size)+1 {
					t.Errorf("a page of %d: %q", size+1, names)
				} else {
					got = append(got, names...)
				}
			}); err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprint(filter, size+1), strings.Join(got, ", "), strings.Join(want, ", "))
		}
	}

	first, err := root.IAM.GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	second, err := root.IAM.GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(3), Filter: kinds, Marker: first.Marker})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "all kinds are no filter", strings.Join(detailNames(second), ", "), "user Plain, role Ink, group Ink")
	for name, in := range map[string]*iam.GetAccountAuthorizationDetailsInput{
		"another filter": {Marker: first.Marker, Filter: kinds[:2]},
		"no marker":      {Marker: aws.String("AWE")},
	} {
		_, err = root.IAM.GetAccountAuthorizationDetails(t.Context(), in)
		wantError(t, name, err, "ValidationError", "Invalid Marker.")
	}
	for name, marker := range map[string]*string{"one kind": first.Marker, "one kind, no marker": aws.String("AWE")} {
		_, err = root.IAM.GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{Marker: marker, Filter: kinds[1:2]})
		wantError(t, name, err, "ValidationError", "Marker and Filter do not match")
	}
}
