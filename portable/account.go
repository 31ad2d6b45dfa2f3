package portable

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/iam"
)

// Import is what the account is to hold, for iam.Draft.Import. It fails with AWS's
// error where something is not within AWS's limits, or names another account. It
// does what takes long, so that the draft need not.
func (a *Account) Import() (*iam.Import, error) {
	if err := a.owner(); err != nil {
		return nil, err
	}
	if err := a.checkSettings(); err != nil {
		return nil, err
	}
	out := &iam.Import{
		Name: a.AccountName, CreateDate: a.CreateDate.Time, Alias: a.AccountAlias,
		RootPassword: a.RootUser.PasswordEnabled,
		RoleManager:  a.RoleManagerEnabled, TokenVersion: a.GlobalEndpointTokenVersion, RootBilling: a.BillingForRootOnly, Closed: a.CloseDate.Time,
		Root: iam.Root{
			Email: a.RootUser.Email, Keys: readKeys(a.RootUser.AccessKeys), Certificates: readCertificates(a.RootUser.SigningCertificates),
			SessionsNotBefore: a.RootUser.SessionsNotBefore.Time,
			Password:          a.RootUser.PasswordHash, Generation: a.RootUser.PasswordGeneration,
		},
	}
	if err := checkCertificates("root user", a.RootUser.SigningCertificates); err != nil {
		return nil, err
	}
	if p := a.PasswordPolicy; p != nil {
		out.Passwords = &iam.PasswordPolicy{
			MinLength: int(p.MinimumPasswordLength), Symbols: p.RequireSymbols, Numbers: p.RequireNumbers,
			Upper: p.RequireUppercaseCharacters, Lower: p.RequireLowercaseCharacters, UsersMayChange: p.AllowUsersToChangePassword,
			MaxAge: int(p.MaxPasswordAge), Reuse: int(p.PasswordReusePrevention), HardExpiry: p.HardExpiry,
		}
	}
	for _, read := range []func(*iam.Import) error{a.policies, a.groupsAndUsers, a.roles, a.devices, a.resources} {
		if err := read(out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *Account) policies(out *iam.Import) error {
	for i := range a.Policies {
		p := &a.Policies[i]
		next := &iam.Policy{
			ID: p.PolicyID, Name: p.PolicyName, Path: p.Path, ARN: p.ARN, Description: p.Description,
			CreateDate: p.CreateDate.Time, UpdateDate: p.UpdateDate.Time, Tags: readTags(p.Tags),
			DefaultVersion: p.DefaultVersionID, LastVersion: p.LastVersion,
		}
		for _, v := range p.PolicyVersionList {
			next.Versions = append(next.Versions, iam.PolicyVersion{ID: v.VersionID, CreateDate: v.CreateDate.Time, Document: iam.NewDocument(string(v.Document), nil)})
			if v.IsDefaultVersion && next.DefaultVersion == "" {
				next.DefaultVersion = v.VersionID
			}
		}
		if next.AWSManaged() {
			out.AWSManaged = append(out.AWSManaged, next)
			continue
		}
		if err := a.checkPolicy(p); err != nil {
			return err
		}
		out.Policies = append(out.Policies, next)
	}
	return nil
}

func (a *Account) groupsAndUsers(out *iam.Import) error {
	ids := map[string]string{}
	for i := range a.GroupDetailList {
		g := &a.GroupDetailList[i]
		if err := a.checkGroup(g); err != nil {
			return err
		}
		ids[strings.ToLower(g.GroupName)] = g.GroupID
		out.Groups = append(out.Groups, &iam.Group{
			ID: g.GroupID, Name: g.GroupName, Path: g.Path, CreateDate: g.CreateDate.Time, Grants: grants(g.GroupPolicyList, g.AttachedManagedPolicies),
		})
	}
	for i := range a.UserDetailList {
		u := &a.UserDetailList[i]
		if err := a.checkUser(u); err != nil {
			return err
		}
		next := &iam.User{
			ID: u.UserID, Name: u.UserName, Path: u.Path, CreateDate: u.CreateDate.Time, Tags: readTags(u.Tags), Boundary: u.PermissionsBoundary.arn(),
			Grants: grants(u.UserPolicyList, u.AttachedManagedPolicies), Keys: readKeys(u.AccessKeys), SessionsNotBefore: u.SessionsNotBefore.Time,
		}
		for _, name := range u.GroupList {
			id, ok := ids[strings.ToLower(name)]
			if !ok {
				return iam.Errorf(iam.CodeNoSuchEntity, "user %s: The group with name %s cannot be found.", u.UserName, clip(name))
			}
			next.Groups = append(next.Groups, id)
		}
		next.Credentials = iam.Credentials{Certificates: readCertificates(u.SigningCertificates)}
		for _, k := range u.SSHPublicKeys {
			next.SSHKeys = append(next.SSHKeys, iam.SSHPublicKey{ID: k.SSHPublicKeyID, Status: iam.Status(k.Status), UploadDate: k.UploadDate.Time, Line: k.SSHPublicKeyBody})
		}
		for _, c := range u.ServiceSpecificCredentials {
			next.ServiceCredentials = append(next.ServiceCredentials, iam.ServiceCredential{
				ID: c.ServiceSpecificCredentialID, Service: c.ServiceName, Status: iam.Status(c.Status), CreateDate: c.CreateDate.Time,
				Expiration: c.ExpirationDate.Time, Login: c.ServiceUserName, Hash: c.SecretHash,
			})
		}
		if l := u.LoginProfile; l != nil {
			next.Login = &iam.LoginProfile{
				CreateDate: l.CreateDate.Time, Changed: l.PasswordLastChanged.Time, Hash: l.PasswordHash, Past: l.PastPasswordHashes,
				ResetRequired: l.PasswordResetRequired, Generation: l.PasswordGeneration,
			}
		}
		out.Users = append(out.Users, next)
	}
	return nil
}

func (a *Account) roles(out *iam.Import) error {
	ids := map[string]string{}
	profiles := a.InstanceProfiles
	for i := range a.RoleDetailList {
		r := &a.RoleDetailList[i]
		if err := a.checkRole(r); err != nil {
			return err
		}
		ids[strings.ToLower(r.RoleName)] = r.RoleID
		next := &iam.Role{
			ID: r.RoleID, Name: r.RoleName, Path: r.Path, CreateDate: r.CreateDate.Time, Description: r.Description, MaxSession: r.MaxSessionDuration,
			Tags: readTags(r.Tags), Boundary: r.PermissionsBoundary.arn(), Trust: iam.NewDocument(string(r.AssumeRolePolicyDocument), r.PrincipalIDs),
			Grants: grants(r.RolePolicyList, r.AttachedManagedPolicies), SessionsNotBefore: r.SessionsNotBefore.Time,
		}
		if s := r.Source; s != nil {
			next.Source = &iam.RoleSource{TemplateARN: s.TemplateARN, Minor: s.MinorVersion, Values: s.Parameters}
		}
		out.Roles = append(out.Roles, next)
		for _, p := range r.InstanceProfileList {
			p.Roles = []roleName{{r.RoleName}} // AWS tells a profile with the role that it carries
			profiles = append(profiles, p)
		}
	}
	for i := range profiles {
		p := &profiles[i]
		if err := a.checkProfile(p); err != nil {
			return err
		}
		next := &iam.InstanceProfile{ID: p.InstanceProfileID, Name: p.InstanceProfileName, Path: p.Path, CreateDate: p.CreateDate.Time, Tags: readTags(p.Tags)}
		for _, r := range p.Roles {
			id, ok := ids[strings.ToLower(r.RoleName)]
			if !ok {
				return iam.Errorf(iam.CodeNoSuchEntity, "instance profile %s: The role with name %s cannot be found.", p.InstanceProfileName, clip(r.RoleName))
			}
			next.Role = id
		}
		out.InstanceProfiles = append(out.InstanceProfiles, next)
	}
	return nil
}

func grants(list []policyDetail, managed []attachedPolicy) (g iam.Grants) {
	for _, p := range list {
		g.Inline = append(g.Inline, iam.InlinePolicy{Name: p.PolicyName, Document: iam.NewDocument(string(p.PolicyDocument), nil)})
	}
	for _, p := range managed {
		g.Attached = append(g.Attached, p.PolicyARN)
	}
	return g
}

func (a *Account) devices(out *iam.Import) error {
	ids := map[string]string{}
	for i := range a.UserDetailList {
		ids[strings.ToLower(a.UserDetailList[i].UserName)] = a.UserDetailList[i].UserID
	}
	for i := range a.MFADevices {
		m := &a.MFADevices[i]
		what := "MFA device " + clip(m.DeviceName)
		next := &iam.MFADevice{
			Name: m.DeviceName, Path: m.Path, CreateDate: m.CreateDate.Time, Tags: readTags(m.Tags), Sealed: m.SealedSeed,
			EnableDate: m.EnableDate.Time, Former: m.FormerID, Drift: m.ClockSteps, Last: m.LastStep,
		}
		switch id, ok := ids[strings.ToLower(m.User)]; {
		case m.Root && m.User != "":
			return iam.Errorf(iam.CodeValidation, "%s has two owners.", what)
		case m.Root:
			next.Owner = a.AccountID
		case m.User != "" && !ok:
			return iam.Errorf(iam.CodeNoSuchEntity, "%s: The user with name %s cannot be found.", what, clip(m.User))
		default:
			next.Owner = id
		}
		in := &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &m.DeviceName, Path: optional(m.Path), Tags: sdkTags(m.Tags)}
		if err := valid("iam", what, "CreateVirtualMFADevice", in); err != nil {
			return err
		}
		if p := m.Passkey; p != nil {
			next.Passkey = &iam.Passkey{
				ID: p.CredentialID, PublicKey: p.PublicKey, RelyingParty: p.RelyingParty, Model: p.AAGUID, Transports: p.Transports,
				SignCount: p.SignCount, BackupEligible: p.BackupEligible, BackedUp: p.BackedUp, Answered: p.Answered.Time,
			}
		}
		out.Devices = append(out.Devices, next)
	}
	return nil
}

func (a *Account) resources(out *iam.Import) error {
	for i := range a.ServerCertificates {
		c := &a.ServerCertificates[i]
		what := "server certificate " + clip(c.ServerCertificateName)
		in := &sdk.UploadServerCertificateInput{
			ServerCertificateName: &c.ServerCertificateName, Path: optional(c.Path), CertificateBody: &c.CertificateBody, CertificateChain: optional(c.CertificateChain),
			PrivateKey: aws.String("-"), Tags: sdkTags(c.Tags), // the key is sealed
		}
		err := errors.Join(valid("iam", what, "UploadServerCertificate", in), a.is(what, "server-certificate", named{Path: c.Path, ARN: c.ARN}, c.ServerCertificateName))
		if err != nil {
			return err
		}
		out.ServerCertificates = append(out.ServerCertificates, &iam.ServerCertificate{
			ID: c.ServerCertificateID, Name: c.ServerCertificateName, Path: c.Path, UploadDate: c.UploadDate.Time,
			Body: c.CertificateBody, Chain: c.CertificateChain, Sealed: c.SealedPrivateKey, Tags: readTags(c.Tags),
		})
	}
	for i := range a.SAMLProviders {
		p := &a.SAMLProviders[i]
		what := "SAML provider " + clip(p.Name)
		if err := valid("iam", what, "CreateSAMLProvider", &sdk.CreateSAMLProviderInput{Name: &p.Name, SAMLMetadataDocument: &p.SAMLMetadataDocument, Tags: sdkTags(p.Tags)}); err != nil {
			return err
		}
		metadata, err := iam.ReadSAMLMetadata(p.SAMLMetadataDocument)
		if err != nil {
			return err
		}
		next := &iam.SAMLProvider{
			ID: p.SAMLProviderUUID, Name: p.Name, CreateDate: p.CreateDate.Time, ValidUntil: p.ValidUntil.Time,
			Encryption: iam.SAMLEncryption(p.AssertionEncryptionMode), Tags: readTags(p.Tags),
		}
		for _, k := range p.PrivateKeys {
			next.Keys = append(next.Keys, iam.SAMLPrivateKey{ID: k.KeyID, UploadDate: k.Timestamp.Time, Sealed: k.SealedPrivateKey})
		}
		out.SAMLProviders = append(out.SAMLProviders, iam.ImportedSAMLProvider{SAMLProvider: next, Read: metadata})
	}
	for i := range a.OpenIDConnectProviders {
		p := &a.OpenIDConnectProviders[i]
		in := &sdk.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + p.URL), ClientIDList: p.ClientIDList, Tags: sdkTags(p.Tags)}
		if err := valid("iam", "OpenID Connect provider "+clip(p.URL), "CreateOpenIDConnectProvider", in); err != nil {
			return err
		}
		out.OpenIDProviders = append(out.OpenIDProviders, &iam.OpenIDProvider{
			Name: p.URL, CreateDate: p.CreateDate.Time, ClientIDs: p.ClientIDList, Thumbprints: p.ThumbprintList, Tags: readTags(p.Tags),
		})
	}
	if o := a.OutboundWebIdentity; o != nil {
		out.Outbound = &iam.OutboundFederation{Issuer: o.Issuer, Enabled: o.Enabled, DisableDate: o.DisableDate.Time}
		for _, k := range o.SigningKeys {
			out.Outbound.Keys = append(out.Outbound.Keys, iam.SigningKey{ID: k.KeyID, Algorithm: k.Algorithm, Sealed: k.SealedPrivateKey})
		}
	}
	return nil
}

// For tells whether the account is the wanted one; any is, if none is named. What
// AWS told of another one is refused.
func (a *Account) For(wanted string) (bool, error) {
	if a.fromAWS && a.AccountID == "" && len(a.UserDetailList)+len(a.GroupDetailList)+len(a.RoleDetailList)+len(a.Policies) == 0 {
		a.AccountID = wanted // an account without anything
	}
	if err := a.owner(); err != nil {
		return false, err
	}
	if a.fromAWS && wanted != "" && a.AccountID != wanted {
		return false, malformed("The file is of account %s, not of %s.", a.AccountID, wanted)
	}
	return wanted == "" || a.AccountID == wanted, nil
}
