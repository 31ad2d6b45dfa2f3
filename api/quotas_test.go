package api_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"testing"

	"iamd/iam"
	"iamd/server"
)

// quotaCase comes to the end of one quota: every call but the last is within it.
type quotaCase struct {
	limit int
	run   func(t *testing.T, do func(action string, in ...string) answered)
	text  string // of the refusal; empty: "Cannot exceed quota for NAME: LIMIT"
}

// quotaCases are all quotas, by AWS's names.
func quotaCases() map[string]quotaCase {
	type calls = func(*testing.T, func(string, ...string) answered)
	// twice makes two of a kind, after what must stand before.
	twice := func(action, name string, more ...string) calls {
		return func(_ *testing.T, do func(string, ...string) answered) {
			do(action, append([]string{name, "A"}, more...)...)
			do(action, append([]string{name, "B"}, more...)...)
		}
	}
	after := func(action string, in []string, then calls) calls {
		return func(t *testing.T, do func(string, ...string) answered) {
			do(action, in...)
			then(t, do)
		}
	}
	user, group, role := []string{"UserName", "Ink"}, []string{"GroupName", "Ink"}, []string{"RoleName", "Ink", "AssumeRolePolicyDocument", trustText}
	attaching := func(kind string) calls {
		return func(_ *testing.T, do func(string, ...string) answered) {
			do("Attach"+kind+"Policy", kind+"Name", "Ink", "PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")
			do("Attach"+kind+"Policy", kind+"Name", "Ink", "PolicyArn", adminARN)
		}
	}
	writing := func(kind string) calls {
		return func(_ *testing.T, do func(string, ...string) answered) {
			do("Put"+kind+"Policy", kind+"Name", "Ink", "PolicyName", "A", "PolicyDocument", readText)
			do("Put"+kind+"Policy", kind+"Name", "Ink", "PolicyName", "B", "PolicyDocument", readText)
		}
	}
	room := len(readText)
	return map[string]quotaCase{
		"UsersPerAccount":            {limit: 1, run: twice("CreateUser", "UserName")},
		"GroupsPerAccount":           {limit: 1, run: twice("CreateGroup", "GroupName")},
		"RolesPerAccount":            {limit: 1, run: twice("CreateRole", "RoleName", "AssumeRolePolicyDocument", trustText)},
		"PoliciesPerAccount":         {limit: 1, run: twice("CreatePolicy", "PolicyName", "PolicyDocument", readText)},
		"InstanceProfilesPerAccount": {limit: 1, run: twice("CreateInstanceProfile", "InstanceProfileName")},
		"PoliciesPerUser":            {limit: 1, run: after("CreateUser", user, attaching("User"))},
		"PoliciesPerGroup":           {limit: 1, run: after("CreateGroup", group, attaching("Group"))},
		"PoliciesPerRole":            {limit: 1, run: after("CreateRole", role, attaching("Role"))},
		"UserPolicySize":             {room, after("CreateUser", user, writing("User")), fmt.Sprintf("Maximum policy size of %d bytes exceeded for user Ink", room)},
		"GroupPolicySize":            {room, after("CreateGroup", group, writing("Group")), fmt.Sprintf("Maximum policy size of %d bytes exceeded for group Ink", room)},
		"RolePolicySize":             {room, after("CreateRole", role, writing("Role")), fmt.Sprintf("Maximum policy size of %d bytes exceeded for role Ink", room)},
		"AccessKeysPerUser": {limit: 1, run: after("CreateUser", user, func(_ *testing.T, do func(string, ...string) answered) {
			do("CreateAccessKey", user...)
			do("CreateAccessKey", user...)
		})},
		"ServiceSpecificCredentialsPerUser": {limit: 1, run: after("CreateUser", user, func(_ *testing.T, do func(string, ...string) answered) {
			do("CreateServiceSpecificCredential", append(user, "ServiceName", "cassandra.amazonaws.com")...)
			do("CreateServiceSpecificCredential", append(user, "ServiceName", "codecommit.amazonaws.com")...)
			do("CreateServiceSpecificCredential", append(user, "ServiceName", "codecommit.amazonaws.com")...)
		})},
		"GroupsPerUser": {limit: 1, run: after("CreateUser", user, func(_ *testing.T, do func(string, ...string) answered) {
			for _, g := range []string{"A", "B"} {
				do("CreateGroup", "GroupName", g)
			}
			for _, g := range []string{"A", "B"} {
				do("AddUserToGroup", append(user, "GroupName", g)...)
			}
		})},
		"MFADevicesPerUser": {limit: 1, run: after("CreateUser", user, func(t *testing.T, do func(string, ...string) answered) {
			for _, name := range []string{"A", "B"} {
				device := seeded(t, do("CreateVirtualMFADevice", "VirtualMFADeviceName", name))
				do("EnableMFADevice", append(user, "SerialNumber", device["serial"], "AuthenticationCode1", *shown(device, -1), "AuthenticationCode2", *shown(device, 0))...)
			}
		})},
		"PolicySize": {limit: room, run: func(_ *testing.T, do func(string, ...string) answered) {
			do("CreatePolicy", "PolicyName", "A", "PolicyDocument", readText)
			do("CreatePolicy", "PolicyName", "B", "PolicyDocument", writeText)
		}},
		"ACLSizePerRole": {limit: len(trustText), run: func(_ *testing.T, do func(string, ...string) answered) {
			do("CreateRole", role...)
			do("UpdateAssumeRolePolicy", "RoleName", "Ink", "PolicyDocument",
				`{"Version":"2012-10-17","Statement":[{"Sid":"Longer","Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
		}},
		"VersionsPerPolicy": {1, func(_ *testing.T, do func(string, ...string) answered) {
			made := do("CreatePolicy", "PolicyName", "A", "PolicyDocument", readText)
			do("CreatePolicyVersion", "PolicyArn", made.find("Arn"), "PolicyDocument", writeText)
		}, "A managed policy can have up to 1 versions. Before you create a new version, you must delete an existing version."},
		"ServerCertificatesPerAccount": {limit: 1, run: func(t *testing.T, do func(string, ...string) answered) {
			body, key := selfSigned(t)
			twice("UploadServerCertificate", "ServerCertificateName", "CertificateBody", body, "PrivateKey", key)(t, do)
		}},
		"CertificatesPerUser": {limit: 1, run: after("CreateUser", user, func(t *testing.T, do func(string, ...string) answered) {
			for range 2 {
				body, _ := selfSigned(t)
				do("UploadSigningCertificate", append(user, "CertificateBody", body)...)
			}
		})},
		"SSHPublicKeysPerUser": {limit: 1, run: after("CreateUser", user, func(t *testing.T, do func(string, ...string) answered) {
			do("UploadSSHPublicKey", append(user, "SSHPublicKeyBody", sshKey(t, 2048))...)
			do("UploadSSHPublicKey", append(user, "SSHPublicKeyBody", sshKey(t, 4096))...)
		})},
		"OpenIdConnectProvidersPerAccount": {limit: 1, run: func(_ *testing.T, do func(string, ...string) answered) {
			for _, host := range []string{"a", "b"} {
				do("CreateOpenIDConnectProvider", "Url", "https://"+host+".example.com", "ThumbprintList.member.1", aThumbprint)
			}
		}},
		"ClientIdsPerOpenIdConnectProvider": {limit: 1, run: func(_ *testing.T, do func(string, ...string) answered) {
			made := do("CreateOpenIDConnectProvider", "Url", "https://a.example.com", "ThumbprintList.member.1", aThumbprint, "ClientIDList.member.1", "A")
			do("AddClientIDToOpenIDConnectProvider", "OpenIDConnectProviderArn", made.find("OpenIDConnectProviderArn"), "ClientID", "B")
		}},
		"SAMLProvidersPerAccount": {limit: 1, run: func(t *testing.T, do func(string, ...string) answered) {
			twice("CreateSAMLProvider", "Name", "SAMLMetadataDocument", samlMetadata(t, "idp.example.com"))(t, do)
		}},
		"DelegationRequestsPerAccount": {limit: 1, run: func(t *testing.T, do func(string, ...string) answered) {
			topic := topicOf(strings.Split(do("CreateUser", user...).find("Arn"), ":")[4])
			for _, workflow := range []string{"workflow-1", "workflow-2"} {
				do("CreateDelegationRequest", "Description", "Reads tags", "NotificationChannel", topic, "RequestorWorkflowId", workflow, "SessionDuration", "3600",
					"Permissions.PolicyTemplateArn", readerTemplate, "Permissions.Parameters.member.1.Name", "userName",
					"Permissions.Parameters.member.1.Type", "string", "Permissions.Parameters.member.1.Values.member.1", "Ink")
			}
		}},
		"TagsPerResource": {1, after("CreateUser", user, func(_ *testing.T, do func(string, ...string) answered) {
			for _, key := range []string{"A", "B"} {
				do("TagUser", append(user, "Tags.member.1.Key", key, "Tags.member.1.Value", "")...)
			}
		}), "The number of tags has reached the maximum limit."},
	}
}

// seeded is what a new virtual device was made with.
func seeded(t *testing.T, made answered) map[string]string {
	t.Helper()
	seed, err := base64.StdEncoding.DecodeString(made.find("Base32StringSeed"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"serial": made.find("SerialNumber"), "seed": string(seed)}
}

// TestQuotas sets each quota by the name that it has in the configuration, and
// comes to its end: there, and not by AWS's own number, the last call is refused.
func TestQuotas(t *testing.T) {
	plain, cases := newWorld(t), quotaCases()
	for name := range new(iam.Quotas).Named() {
		c, ok := cases[name]
		if !ok {
			t.Errorf("the quota %q has no case", name)
			continue
		}
		delete(cases, name)
		t.Run(name, func(t *testing.T) {
			quotas := iam.DefaultQuotas()
			fields := maps.Collect(quotas.Named())
			if *fields[name] <= c.limit {
				t.Fatalf("AWS's own number is %d", *fields[name])
			}
			for _, answer := range c.play(t, plain) {
				if answer.code != "" {
					t.Fatalf("with AWS's number, %s is refused: %s: %s", answer.action, answer.code, answer.message)
				}
			}
			*fields[name] = c.limit
			list := c.play(t, worldOf(t, server.Config{DataDir: t.TempDir(), Quotas: quotas}))
			for _, answer := range list[:len(list)-1] {
				if answer.code != "" {
					t.Errorf("%s is refused: %s: %s", answer.action, answer.code, answer.message)
				}
			}
			text := c.text
			if text == "" {
				text = fmt.Sprintf("Cannot exceed quota for %s: %d", name, c.limit)
			}
			if last := list[len(list)-1]; last.code != "LimitExceeded" || last.message != text {
				t.Errorf("%s beyond %d: %s: %s; want %s", last.action, c.limit, last.code, last.message, text)
			}
		})
	}
	for name := range cases {
		t.Errorf("%s has a case and is no quota", name)
	}
}

// play makes the calls as the root user of a new account.
func (c *quotaCase) play(t *testing.T, w *world) (answers []answered) {
	t.Helper()
	root := w.account(t)
	c.run(t, func(action string, in ...string) answered {
		t.Helper()
		answers = append(answers, onWire(t, root, "iam", action, in...))
		return answers[len(answers)-1]
	})
	return answers
}
