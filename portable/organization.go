package portable

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/iam"
	"iamd/org"
)

// Organization is an organization as it stands in a file. Handshakes, transfers and
// how the making of accounts went are not in it.
type Organization struct {
	ID                string `json:"Id"`
	CreateDate        moment `json:",omitzero"`
	FeatureSet        string
	MasterAccountID   string `json:"MasterAccountId"`
	Root              organizationRoot
	Units             []unit               `json:"OrganizationalUnits"`
	Accounts          []member             `json:",omitempty"`
	Policies          []organizationPolicy `json:",omitempty"`
	PolicyAttachments []attachment         `json:",omitempty"`
	ServiceAccess     []enabledService     `json:"EnabledServicePrincipals,omitempty"`
	ResourcePolicy    *resourcePolicy      `json:",omitempty"`
	RootFeatures      []string             `json:"EnabledFeatures,omitempty"`
}

type organizationRoot struct {
	ID          string `json:"Id"`
	Name        string
	Tags        []tag             `json:",omitempty"`
	PolicyTypes []string          `json:",omitempty"` // enabled, in order
	Enabled     map[string]moment `json:"EnabledDates,omitempty"`
	Detached    map[string]moment `json:"DetachedDates,omitempty"`
}

type unit struct {
	ID         string `json:"Id"`
	Name       string
	ParentID   string            `json:"ParentId"`
	CreateDate moment            `json:",omitzero"`
	Tags       []tag             `json:",omitempty"`
	Detached   map[string]moment `json:"DetachedDates,omitempty"`
}

type member struct {
	ID                string `json:"Id"`
	Name              string
	Email             string `json:",omitempty"`
	ParentID          string `json:"ParentId"`
	JoinedMethod      string
	JoinedTimestamp   moment            `json:",omitzero"`
	CloseDate         moment            `json:",omitzero"`
	MoveDate          moment            `json:",omitzero"`
	Tags              []tag             `json:",omitempty"`
	DelegatedServices []enabledService  `json:",omitempty"`
	Detached          map[string]moment `json:"DetachedDates,omitempty"`
	LastValid         map[string]string `json:"LastValidPolicies,omitempty"`
}

type organizationPolicy struct {
	ID          string `json:"Id"`
	Name        string
	Description string
	Type        string
	Content     document
	CreateDate  moment `json:",omitzero"`
	UpdateDate  moment `json:",omitzero"`
	Tags        []tag  `json:",omitempty"`
}

type attachment struct {
	PolicyID   string `json:"PolicyId"`
	TargetID   string `json:"TargetId"`
	AttachDate moment `json:",omitzero"`
}

type enabledService struct {
	ServicePrincipal string
	DateEnabled      moment `json:",omitzero"`
}

type resourcePolicy struct {
	ID      string `json:"Id"`
	Content document
	Tags    []tag `json:",omitempty"`
}

// Members are the numbers of the organization's accounts.
func (o *Organization) Members() []string {
	list := make([]string, len(o.Accounts))
	for i, a := range o.Accounts {
		list[i] = a.ID
	}
	return list
}

func showOrganization(o *org.Organization) *Organization {
	out := &Organization{
		ID: o.ID, CreateDate: moment{o.Created}, FeatureSet: string(o.FeatureSet), MasterAccountID: o.Management,
		Root: organizationRoot{
			ID: o.Root.ID, Name: o.Root.Name, Tags: showTags(o.Root.Tags), Enabled: showDates(o.Root.Enabled), Detached: showDates(o.Root.Detached),
		},
		Units: []unit{}, ServiceAccess: showServices(o.Services), RootFeatures: o.RootFeatures,
	}
	for _, t := range o.Root.Types {
		out.Root.PolicyTypes = append(out.Root.PolicyTypes, string(t))
	}
	for _, u := range o.UnitsAfter("") {
		out.Units = append(out.Units, unit{u.ID, u.Name, u.Parent, moment{u.Created}, showTags(u.Tags), showDates(u.Detached)})
	}
	for _, a := range o.AccountsAfter("") {
		shown := member{
			ID: a.ID, Name: a.Name, Email: a.Email, ParentID: a.Parent, JoinedMethod: a.Method, JoinedTimestamp: moment{a.Joined},
			CloseDate: moment{a.Closed}, MoveDate: moment{a.Moved}, Tags: showTags(a.Tags), DelegatedServices: showServices(a.Delegations),
			Detached: showDates(a.Detached),
		}
		for t, text := range a.LastValid {
			shown.LastValid = with(shown.LastValid, string(t), text)
		}
		out.Accounts = append(out.Accounts, shown)
	}
	for _, p := range o.PoliciesAfter("") {
		if !p.AWSManaged() {
			out.Policies = append(out.Policies, organizationPolicy{
				p.ID, p.Name, p.Description, string(p.Type), document(p.Content.Text()), moment{p.Created}, moment{p.Updated}, showTags(p.Tags),
			})
		}
	}
	for at := range o.EachAttachment {
		out.PolicyAttachments = append(out.PolicyAttachments, attachment{at.Policy, at.Target, moment{at.Since}})
	}
	if r := o.ResourcePolicy; r != nil {
		out.ResourcePolicy = &resourcePolicy{r.ID, document(r.Document.Text()), showTags(r.Tags)}
	}
	return out
}

func showDates(of map[org.PolicyType]time.Time) map[string]moment {
	var out map[string]moment
	for t, at := range of {
		out = with(out, string(t), moment{at})
	}
	return out
}

func readDates(of map[string]moment) map[org.PolicyType]time.Time {
	var out map[org.PolicyType]time.Time
	for t, at := range of {
		out = with(out, org.PolicyType(t), at.Time)
	}
	return out
}

// with is a map with one entry more; nil is one without any, and left out of files.
func with[K comparable, V any](m map[K]V, key K, value V) map[K]V {
	if m == nil {
		m = map[K]V{}
	}
	m[key] = value
	return m
}

func showServices(list []org.EnabledService) []enabledService {
	var out []enabledService
	for _, s := range list {
		out = append(out, enabledService{s.Principal, moment{s.Since}})
	}
	return out
}

func readServices(list []enabledService) []org.EnabledService {
	var out []org.EnabledService
	for _, s := range list {
		out = append(out, org.EnabledService{Principal: s.ServicePrincipal, Since: s.DateEnabled.Time})
	}
	return out
}

// organizationTags are tags as Organizations' actions take them.
func organizationTags(list []tag) []types.Tag {
	var out []types.Tag
	for _, t := range list {
		out = append(out, types.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)})
	}
	return out
}

// Import is what the organization is to hold, for org.Draft.Import. It fails with
// AWS's error where something is not within AWS's limits.
func (o *Organization) Import() (*org.Import, error) {
	out := &org.Import{
		ID: o.ID, Created: o.CreateDate.Time, FeatureSet: org.FeatureSet(o.FeatureSet), Management: o.MasterAccountID,
		Root:     org.Root{ID: o.Root.ID, Name: o.Root.Name, Tags: readTags(o.Root.Tags), Enabled: readDates(o.Root.Enabled), Detached: readDates(o.Root.Detached)},
		Services: readServices(o.ServiceAccess), RootFeatures: o.RootFeatures,
	}
	const service = "organizations"
	if err := valid(service, "root", "TagResource", &sdk.TagResourceInput{ResourceId: &o.Root.ID, Tags: append([]types.Tag{}, organizationTags(o.Root.Tags)...)}); err != nil {
		return nil, err
	}
	for _, t := range o.Root.PolicyTypes {
		out.Root.Types = append(out.Root.Types, org.PolicyType(t))
	}
	for i := range o.Units {
		u := &o.Units[i]
		if err := valid(service, "unit "+clip(u.ID), "CreateOrganizationalUnit", &sdk.CreateOrganizationalUnitInput{ParentId: &u.ParentID, Name: &u.Name, Tags: organizationTags(u.Tags)}); err != nil {
			return nil, err
		}
		out.Units = append(out.Units, &org.Unit{ID: u.ID, Name: u.Name, Parent: u.ParentID, Created: u.CreateDate.Time, Tags: readTags(u.Tags), Detached: readDates(u.Detached)})
	}
	for i := range o.Accounts {
		a := &o.Accounts[i]
		in := &sdk.CreateAccountInput{AccountName: &a.Name, Email: &a.Email, Tags: organizationTags(a.Tags)}
		if a.Email == "" {
			in.Email = aws.String("root@example.com") // an account that an operator made may have none
		}
		if err := valid(service, "account "+clip(a.ID), "CreateAccount", in); err != nil {
			return nil, err
		}
		next := &org.Account{
			ID: a.ID, Name: a.Name, Email: a.Email, Parent: a.ParentID, Method: a.JoinedMethod, Joined: a.JoinedTimestamp.Time,
			Closed: a.CloseDate.Time, Moved: a.MoveDate.Time, Tags: readTags(a.Tags), Delegations: readServices(a.DelegatedServices), Detached: readDates(a.Detached),
		}
		for t, text := range a.LastValid {
			next.LastValid = with(next.LastValid, org.PolicyType(t), text)
		}
		out.Accounts = append(out.Accounts, next)
	}
	for i := range o.Policies {
		p := &o.Policies[i]
		in := &sdk.CreatePolicyInput{
			Name: &p.Name, Description: &p.Description, Content: aws.String(string(p.Content)), Type: types.PolicyType(p.Type), Tags: organizationTags(p.Tags),
		}
		if err := valid(service, "policy "+clip(p.ID), "CreatePolicy", in); err != nil {
			return nil, err
		}
		out.Policies = append(out.Policies, &org.Policy{
			ID: p.ID, Name: p.Name, Description: p.Description, Type: org.PolicyType(p.Type), Content: iam.NewDocument(string(p.Content), nil),
			Created: p.CreateDate.Time, Updated: p.UpdateDate.Time, Tags: readTags(p.Tags),
		})
	}
	for _, at := range o.PolicyAttachments {
		out.Attachments = append(out.Attachments, org.Attachment{Policy: at.PolicyID, Target: at.TargetID, Since: at.AttachDate.Time})
	}
	if r := o.ResourcePolicy; r != nil {
		if err := valid(service, "resource policy", "PutResourcePolicy", &sdk.PutResourcePolicyInput{Content: aws.String(string(r.Content)), Tags: organizationTags(r.Tags)}); err != nil {
			return nil, err
		}
		out.ResourcePolicy = &org.ResourcePolicy{ID: r.ID, Document: iam.NewDocument(string(r.Content), nil), Tags: readTags(r.Tags)}
	}
	return out, nil
}
