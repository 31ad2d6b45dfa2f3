package portable

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"

	"iamd/iam"
	"iamd/lwa"
	"iamd/org"
)

// Version is the form that is written. A Reader reads no other.
const Version = 1

// Writer writes an export: accounts, then organizations.
type Writer struct {
	to      *bufio.Writer
	secrets bool
	section string // the list that is open
	any     bool   // the list has an item
	err     error
}

// NewWriter begins an export. Secrets says whether secrets are to be in it, as they
// are kept.
func NewWriter(w io.Writer, secrets bool) *Writer {
	e := &Writer{to: bufio.NewWriter(w), secrets: secrets}
	e.text(`{"iamd": "export", "version": ` + strconv.Itoa(Version) + `, "secrets": ` + strconv.FormatBool(secrets) + `,`)
	e.begin("accounts")
	return e
}

func (e *Writer) text(s string) {
	if e.err == nil {
		_, e.err = e.to.WriteString(s)
	}
}

func (e *Writer) begin(section string) {
	if e.section == section {
		return
	}
	if e.section != "" {
		e.text("],")
	}
	e.section, e.any = section, false
	e.text("\n\"" + section + "\": [")
}

func (e *Writer) item(v any) error {
	if e.any {
		e.text(",")
	}
	e.text("\n")
	e.any = true
	if e.err == nil {
		// The encoder writes an item at once, and a line's end.
		out := json.NewEncoder(e.to)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		e.err = out.Encode(v)
	}
	return e.err
}

// Account writes an account, and its applications, nil for none. It must come
// before the organizations.
func (e *Writer) Account(a *iam.Account, apps *lwa.Applications) error {
	return e.item(show{a, e.secrets}.account(apps))
}

// Organization writes an organization.
func (e *Writer) Organization(o *org.Organization) error {
	e.begin("organizations")
	return e.item(showOrganization(o))
}

// Close ends the export. It does not close what it was written to.
func (e *Writer) Close() error {
	e.text("]}\n")
	if e.err == nil {
		e.err = e.to.Flush()
	}
	return e.err
}

// show makes the file form of what an account holds.
type show struct {
	*iam.Account
	secrets bool
}

// sealed is a secret, if secrets are to be shown.
func (s show) sealed(b []byte) []byte {
	if s.secrets {
		return b
	}
	return nil
}

func (s show) hash(text string) string {
	if s.secrets {
		return text
	}
	return ""
}

func (s show) account(apps *lwa.Applications) *Account {
	out := &Account{
		AccountID: s.ID, AccountName: s.Name, CreateDate: moment{s.CreateDate}, AccountAlias: s.Alias,
		OrganizationID: s.Account.Organization, CloseDate: moment{s.Closed},
		GlobalEndpointTokenVersion: s.TokenVersion, RoleManagerEnabled: s.RoleManager, BillingForRootOnly: s.RootBilling,
		RootUser: rootUser{
			Email: s.Root.Email, AccessKeys: s.keys(s.Root.Keys), SigningCertificates: showCertificates(s.Root.Certificates),
			SessionsNotBefore: moment{s.Root.SessionsNotBefore}, PasswordEnabled: s.Root.Password != "",
			PasswordHash: s.hash(s.Root.Password), PasswordGeneration: s.hash(s.Root.Generation),
		},
		UserDetailList: []user{}, GroupDetailList: []group{}, RoleDetailList: []role{}, Policies: []managedPolicy{},
	}
	if p := s.Passwords; p != nil {
		out.PasswordPolicy = &passwordPolicy{
			MinimumPasswordLength: int32(p.MinLength), RequireSymbols: p.Symbols, RequireNumbers: p.Numbers,
			RequireUppercaseCharacters: p.Upper, RequireLowercaseCharacters: p.Lower, AllowUsersToChangePassword: p.UsersMayChange,
			MaxPasswordAge: int32(p.MaxAge), PasswordReusePrevention: int32(p.Reuse), HardExpiry: p.HardExpiry,
		}
	}
	for _, u := range s.UsersAfter("") {
		out.UserDetailList = append(out.UserDetailList, s.user(u))
	}
	for _, g := range s.GroupsAfter("") {
		out.GroupDetailList = append(out.GroupDetailList, group{
			GroupName: g.Name, GroupID: g.ID, named: named{g.Path, moment{g.CreateDate}, s.GroupARN(g)},
			GroupPolicyList: inline(g.Grants), AttachedManagedPolicies: attached(g.Grants),
		})
	}
	for _, r := range s.RolesAfter("") {
		out.RoleDetailList = append(out.RoleDetailList, s.role(r))
	}
	for _, p := range s.PoliciesAfter("") {
		out.Policies = append(out.Policies, showPolicy(p))
	}
	s.resources(out)
	if apps != nil {
		for app := range apps.All() {
			out.Applications = append(out.Applications, s.application(app))
		}
	}
	return out
}

func (s show) user(u *iam.User) user {
	out := user{
		UserName: u.Name, UserID: u.ID, named: named{u.Path, moment{u.CreateDate}, s.UserARN(u)},
		UserPolicyList: inline(u.Grants), AttachedManagedPolicies: attached(u.Grants),
		PermissionsBoundary: bounded(u.Boundary), Tags: showTags(u.Tags),
		AccessKeys: s.keys(u.Keys), SigningCertificates: showCertificates(u.Certificates), SessionsNotBefore: moment{u.SessionsNotBefore},
	}
	for _, g := range s.GroupsOf(u) {
		out.GroupList = append(out.GroupList, g.Name)
	}
	if l := u.Login; l != nil {
		out.LoginProfile = &loginProfile{
			CreateDate: moment{l.CreateDate}, PasswordLastChanged: moment{l.Changed}, PasswordResetRequired: l.ResetRequired,
			PasswordHash: s.hash(l.Hash), PasswordGeneration: s.hash(l.Generation),
		}
		if s.secrets {
			out.LoginProfile.PastPasswordHashes = l.Past
		}
	}
	for _, k := range u.SSHKeys {
		out.SSHPublicKeys = append(out.SSHPublicKeys, sshPublicKey{k.ID, string(k.Status), moment{k.UploadDate}, k.Line})
	}
	for _, c := range u.ServiceCredentials {
		out.ServiceSpecificCredentials = append(out.ServiceSpecificCredentials, serviceCredential{
			c.ID, c.Service, c.Login, string(c.Status), moment{c.CreateDate}, moment{c.Expiration}, s.sealed(c.Hash),
		})
	}
	return out
}

func (s show) role(r *iam.Role) role {
	out := role{
		RoleName: r.Name, RoleID: r.ID, named: named{r.Path, moment{r.CreateDate}, s.RoleARN(r)},
		Description: r.Description, MaxSessionDuration: r.MaxSession,
		AssumeRolePolicyDocument: document(s.TrustText(r)), PrincipalIDs: s.TrustBindings(r),
		RolePolicyList: inline(r.Grants), AttachedManagedPolicies: attached(r.Grants),
		PermissionsBoundary: bounded(r.Boundary), Tags: showTags(r.Tags), SessionsNotBefore: moment{r.SessionsNotBefore},
	}
	if from := r.Source; from != nil {
		out.Source = &roleSource{from.TemplateARN, from.Minor, from.Values}
	}
	return out
}

func showPolicy(p *iam.Policy) managedPolicy {
	out := managedPolicy{
		PolicyName: p.Name, PolicyID: p.ID, named: named{p.Path, moment{p.CreateDate}, p.ARN},
		Description: p.Description, UpdateDate: moment{p.UpdateDate}, DefaultVersionID: p.DefaultVersion, LastVersion: p.LastVersion,
		Tags: showTags(p.Tags),
	}
	for i := len(p.Versions) - 1; i >= 0; i-- { // the newest first, as AWS tells them
		v := p.Versions[i]
		out.PolicyVersionList = append(out.PolicyVersionList, policyVersion{v.ID, v.ID == p.DefaultVersion, moment{v.CreateDate}, document(v.Document.Text())})
	}
	return out
}

func inline(g iam.Grants) []policyDetail {
	var out []policyDetail
	for _, p := range g.Inline {
		out = append(out, policyDetail{p.Name, document(p.Document.Text())})
	}
	return out
}

func attached(g iam.Grants) []attachedPolicy {
	var out []attachedPolicy
	for _, arn := range g.Attached {
		out = append(out, attachedPolicy{nameIn(arn), arn})
	}
	return out
}

func bounded(arn string) *boundary {
	if arn == "" {
		return nil
	}
	return &boundary{"Policy", arn}
}

func (s show) keys(list []iam.AccessKey) []accessKey {
	var out []accessKey
	for _, k := range list {
		out = append(out, accessKey{k.ID, string(k.Status), moment{k.CreateDate}, s.sealed(k.Sealed)})
	}
	return out
}

func showCertificates(list []iam.SigningCertificate) []signingCertificate {
	var out []signingCertificate
	for _, c := range list {
		out = append(out, signingCertificate{c.ID, string(c.Status), moment{c.UploadDate}, c.Body})
	}
	return out
}
