package api_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"iamd/iam"
	"iamd/server"
)

// stocked is an account that holds one thing of every kind, and what there is to
// say of it in a call.
type stocked struct {
	root, ink, pen *clients // the root user, and two users who may do everything
	made           map[string]string
}

// fill puts in what is in «…».
func (s *stocked) fill(t *testing.T, text string) string {
	t.Helper()
	return regexp.MustCompile(`«[^»]+»`).ReplaceAllStringFunc(text, func(m string) string {
		value, ok := s.made[m[len("«"):len(m)-len("»")]]
		if !ok {
			t.Fatalf("%s: there is no %s", text, m)
		}
		return value
	})
}

func stock(t *testing.T, w *world) *stocked {
	t.Helper()
	root := w.account(t)
	s := &stocked{root: root, made: map[string]string{
		"ACCOUNT": root.Account, "arn": "arn:aws:iam::" + root.Account + ":", "doc": readText, "doc2": writeText, "trust": trustText,
		"badtrust": strings.Replace(trustText, "Allow", "Permit", 1), "baddoc": strings.Replace(readText, "Allow", "Permit", 1),
		"everything": everything, "password": firstPassword, "thumb": aThumbprint, "slr": "AWSServiceRoleForAutoScaling",
		"aws": "arn:aws:iam::aws:policy/", "uuid": "01234567-89ab-cdef-0123-456789abcdef", "space": " ",
		"power": powerTemplate, "samlkey": samlKey(t), "othersamlkey": samlKey(t),
		"mine": strings.Replace(trustText, `"Service":"ec2.amazonaws.com"`, `"AWS":"`+root.Account+`"`, 1),
	}}
	s.made["sshbody"], s.made["othersshbody"] = sshKey(t, 2048), sshKey(t, 4096)
	s.made["certbody"], s.made["certkey"] = selfSigned(t)
	s.made["othercertbody"], s.made["othercertkey"] = selfSigned(t)
	s.made["metadata"] = samlMetadata(t, "idp.example.com")
	do := func(keep, element, action string, in ...string) {
		t.Helper()
		for i := range in {
			in[i] = s.fill(t, in[i])
		}
		answer := onWire(t, root, "iam", action, in...)
		if answer.code != "" {
			t.Fatalf("%s: %s: %s", action, answer.code, answer.message)
		}
		if keep != "" {
			s.made[keep] = answer.find(element)
		}
	}
	for _, name := range []string{"Ink", "Pen"} {
		do("", "", "CreateUser", "UserName", name)
		do("", "", "PutUserPolicy", "UserName", name, "PolicyName", "Everything", "PolicyDocument", "«everything»")
		do("", "", "CreateGroup", "GroupName", name)
		do("", "", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", "«mine»")
		do("", "", "CreateInstanceProfile", "InstanceProfileName", name)
		do("", "", "UploadServerCertificate", "ServerCertificateName", name, "CertificateBody", "«certbody»", "PrivateKey", "«certkey»")
	}
	do("", "", "PutGroupPolicy", "GroupName", "Ink", "PolicyName", "Everything", "PolicyDocument", "«everything»")
	do("", "", "PutRolePolicy", "RoleName", "Ink", "PolicyName", "Everything", "PolicyDocument", "«everything»")
	do("", "", "AddUserToGroup", "GroupName", "Ink", "UserName", "Ink")
	do("", "", "AddRoleToInstanceProfile", "InstanceProfileName", "Ink", "RoleName", "Ink")
	do("paper", "Arn", "CreatePolicy", "PolicyName", "Paper", "PolicyDocument", "«doc»")
	do("", "", "CreatePolicyVersion", "PolicyArn", "«paper»", "PolicyDocument", "«doc2»")
	do("", "", "AttachUserPolicy", "UserName", "Ink", "PolicyArn", "«aws»AdministratorAccess")
	do("", "", "AttachGroupPolicy", "GroupName", "Ink", "PolicyArn", "«aws»ReadOnlyAccess")
	do("", "", "AttachRolePolicy", "RoleName", "Ink", "PolicyArn", "«paper»")
	do("", "", "CreateServiceLinkedRole", "AWSServiceName", "autoscaling.amazonaws.com")
	do("", "", "CreateLoginProfile", "UserName", "Ink", "Password", "«password»")
	do("", "", "TagUser", "UserName", "Ink", "Tags.member.1.Key", "a", "Tags.member.1.Value", "b")
	do("signing", "CertificateId", "UploadSigningCertificate", "UserName", "Ink", "CertificateBody", "«certbody»")
	do("ssh", "SSHPublicKeyId", "UploadSSHPublicKey", "UserName", "Ink", "SSHPublicKeyBody", "«sshbody»")
	do("credential", "ServiceSpecificCredentialId", "CreateServiceSpecificCredential", "UserName", "Ink", "ServiceName", "codecommit.amazonaws.com")
	do("oidc", "OpenIDConnectProviderArn", "CreateOpenIDConnectProvider", "Url", "https://id.example.com", "ThumbprintList.member.1", "«thumb»", "ClientIDList.member.1", "app")
	do("saml", "SAMLProviderArn", "CreateSAMLProvider", "Name", "Corp", "SAMLMetadataDocument", "«metadata»", "AddPrivateKey", "«samlkey»")
	do("", "", "UpdateSAMLProvider", "SAMLProviderArn", "«saml»", "AddPrivateKey", "«othersamlkey»")
	do("job", "JobId", "GenerateServiceLastAccessedDetails", "Arn", "«arn»user/Ink")
	do("", "", "CreateAccountAlias", "AccountAlias", "stocked-"+root.Account)
	for _, name := range []string{"Phone", "Spare"} {
		made := onWire(t, root, "iam", "CreateVirtualMFADevice", "VirtualMFADeviceName", name)
		device := seeded(t, made)
		s.made[strings.ToLower(name)] = device["serial"]
		s.made["code1"], s.made["code2"] = *shown(device, -1), *shown(device, 0)
		if name == "Phone" {
			do("", "", "EnableMFADevice", "UserName", "Ink", "SerialNumber", "«phone»", "AuthenticationCode1", "«code1»", "AuthenticationCode2", "«code2»")
		}
	}
	for name, c := range map[string]**clients{"Ink": &s.ink, "Pen": &s.pen} {
		key := onWire(t, root, "iam", "CreateAccessKey", "UserName", name)
		*c = w.as(root.Account, key.find("AccessKeyId"), key.find("SecretAccessKey"), "")
		s.made["key_of_"+name] = key.find("AccessKeyId")
	}
	return s
}

// fullWorld is stock's account after every quota was set to the least, and the
// server started again.
func fullWorld(t *testing.T, dir string) *stocked {
	t.Helper()
	ctx := t.Context()
	first, err := server.New(ctx, server.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(first.Handler())
	s := stock(t, &world{server: first, url: front.URL})
	front.Close()
	if err := first.Close(ctx); err != nil {
		t.Fatal(err)
	}
	quotas := iam.DefaultQuotas()
	for _, n := range quotas.Named() {
		*n = 1
	}
	again := worldOf(t, server.Config{DataDir: dir, Quotas: quotas})
	for _, c := range []**clients{&s.root, &s.ink, &s.pen} {
		key, err := (*c).IAM.Options().Credentials.Retrieve(ctx)
		if err != nil {
			t.Fatal(err)
		}
		*c = again.as((*c).Account, key.AccessKeyID, key.SecretAccessKey, "")
	}
	return s
}
