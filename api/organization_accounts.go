package api

import (
	"errors"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/guard"
	"iamd/iam"
	"iamd/org"
)

// organizationAccountActions are the rows of an organization's accounts: how they
// are made, shown, closed, and how they leave.
func organizationAccountActions() []Action {
	return []Action{
		reorganizes("CreateAccount", itsManagers, touchNewAccount, checkNewAccount, (*API).createAccount),
		reorganizes("CreateGovCloudAccount", itsManagers, itself[sdk.CreateGovCloudAccountInput], checkNewGovCloudAccount, (*API).createGovCloudAccount),
		inOrganization("DescribeCreateAccountStatus", readers, onOrganization[sdk.DescribeCreateAccountStatusInput], (*API).describeCreateAccountStatus),
		inOrganization("ListCreateAccountStatus", readers, onOrganization[sdk.ListCreateAccountStatusInput], (*API).listCreateAccountStatus),

		inOrganization("DescribeAccount", readers, onTarget(func(in *sdk.DescribeAccountInput) *string { return in.AccountId }), (*API).describeAccount),
		inOrganization("ListAccounts", readers, onOrganization[sdk.ListAccountsInput], (*API).listAccounts),
		inOrganization("ListAccountsForParent", readers, onTarget(func(in *sdk.ListAccountsForParentInput) *string { return in.ParentId }), (*API).listAccountsForParent),

		reorganizes("CloseAccount", itsManagers, touchMember(func(in *sdk.CloseAccountInput) *string { return in.AccountId }),
			onTarget(func(in *sdk.CloseAccountInput) *string { return in.AccountId }), (*API).closeAccount),
		reorganizes("RemoveAccountFromOrganization", itsManagers, touchMember(func(in *sdk.RemoveAccountFromOrganizationInput) *string { return in.AccountId }),
			onTarget(func(in *sdk.RemoveAccountFromOrganizationInput) *string { return in.AccountId }), (*API).removeAccountFromOrganization),
		reorganizes("LeaveOrganization", anyMember, itself[sdk.LeaveOrganizationInput], onOrganization[sdk.LeaveOrganizationInput], (*API).leaveOrganization),
	}
}

func checkNewAccount(_ *Call, action string, in *sdk.CreateAccountInput) ([]guard.Check, error) {
	return newAccountChecks(action, in.Tags)
}

func checkNewGovCloudAccount(_ *Call, action string, in *sdk.CreateGovCloudAccountInput) ([]guard.Check, error) {
	return newAccountChecks(action, in.Tags)
}

// newAccountChecks ask for an account that has no number yet.
func newAccountChecks(action string, tags []types.Tag) ([]guard.Check, error) {
	check := guard.Check{Action: action, Resource: "*", RequestTags: organizationTags(tags)}
	check.Tags = check.RequestTags // those that it is to have
	if len(tags) == 0 {
		return one(check)
	}
	return []guard.Check{check, also(check, "organizations:TagResource")}, nil
}

// newMember is what was found out about an account before it is made: its number,
// or why it won't be.
type newMember struct{ number, failure string }

func touchNewAccount(c *Call, in *sdk.CreateAccountInput) (org.Touch, error) {
	touch, err := itself(c, in)
	if err != nil {
		return touch, err
	}
	email := aws.ToString(in.Email)
	if !org.ValidEmail(email) {
		c.Prepared = newMember{failure: org.InvalidEmail}
		return touch, nil
	}
	switch _, err := iam.OwnerOfEmail(c.Context, c.api.cfg.Accounts, email); {
	case err == nil:
		c.Prepared = newMember{failure: org.EmailExists}
	case errors.Is(err, iam.ErrNotFound):
		touch.NewAccount = iam.NewAccountID(c.api.cfg.Rand)
		c.Prepared = newMember{number: touch.NewAccount}
	default:
		return touch, err
	}
	return touch, nil
}

// createAccount makes an account, its role and the role of Organizations in one
// commit. AWS does that in the background and answers IN_PROGRESS; so does this,
// as clients are written for it, and the first look at the status tells the end.
func (a *API) createAccount(c *Call, in *sdk.CreateAccountInput) (*sdk.CreateAccountOutput, error) {
	role := aws.ToString(in.RoleName)
	if role == "" {
		role = org.AccessRole
	}
	if err := org.CheckRoleName(role); err != nil {
		return nil, err
	}
	d, found := c.Drafts.Organization, c.Prepared.(newMember)
	account := org.NewAccount{ID: found.number, Name: aws.ToString(in.AccountName), Email: aws.ToString(in.Email), Tags: organizationTags(in.Tags)}
	creation, err := create(d, account, found.failure)
	if err != nil {
		return nil, err
	}
	if found.failure == "" {
		member := c.Drafts.Accounts[found.number]
		member.BeginMember(account.Name, account.Email)
		if err := settle(member, d.Organization, role); err != nil {
			return nil, err
		}
		if in.IamUserAccessToBilling == types.IAMUserAccessToBillingDeny {
			member.KeepBillsFromUsers()
		}
	}
	begun := *creation
	begun.AccountID = ""
	status := showCreation(&begun)
	status.State, status.FailureReason, status.CompletedTimestamp = types.CreateAccountStateInProgress, "", nil
	return &sdk.CreateAccountOutput{CreateAccountStatus: status}, nil
}

func create(d *org.Draft, account org.NewAccount, failure string) (*org.Creation, error) {
	if failure != "" {
		return d.FailCreation(account, failure)
	}
	return d.CreateAccount(account)
}

// settle puts into a new member what AWS puts there: a role by which the
// management account gets in, with all permissions, and that of Organizations.
func settle(member *iam.Draft, o *org.Organization, role string) error {
	member.Join(o.ID)
	if err := member.LinkOrganizations(); err != nil {
		return err
	}
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + o.Management + `:root"},"Action":"sts:AssumeRole"}]}`
	if _, err := member.CreateRole(iam.NewRole{Name: role, Trust: trust}); err != nil {
		return err
	}
	return member.AttachPolicy(iam.Entity{Kind: iam.KindRole, Name: role}, "arn:aws:iam::aws:policy/AdministratorAccess")
}

// createGovCloudAccount refuses, as AWS does for who has no account there.
func (a *API) createGovCloudAccount(*Call, *sdk.CreateGovCloudAccountInput) (*sdk.CreateGovCloudAccountOutput, error) {
	return nil, org.NoGovCloud()
}

func (a *API) describeCreateAccountStatus(c *Call, in *sdk.DescribeCreateAccountStatusInput) (*sdk.DescribeCreateAccountStatusOutput, error) {
	creation, err := c.Org.Creation(aws.ToString(in.CreateAccountRequestId))
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeCreateAccountStatusOutput{CreateAccountStatus: showCreation(creation)}, nil
}

func (a *API) listCreateAccountStatus(c *Call, in *sdk.ListCreateAccountStatusInput) (*sdk.ListCreateAccountStatusOutput, error) {
	keep := func(creation *org.Creation) bool {
		return len(in.States) == 0 || slices.Contains(in.States, types.CreateAccountState(creation.State))
	}
	show := func(creation *org.Creation) types.CreateAccountStatus { return *showCreation(creation) }
	list, next, err := nextPage(in.NextToken, in.MaxResults, c.Org.CreationsAfter, keep, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListCreateAccountStatusOutput{CreateAccountStatuses: list, NextToken: next}, nil
}

func showCreation(c *org.Creation) *types.CreateAccountStatus {
	status := &types.CreateAccountStatus{
		Id: aws.String(c.ID), AccountName: aws.String(c.Name), State: types.CreateAccountState(c.State),
		RequestedTimestamp: aws.Time(c.Requested), CompletedTimestamp: aws.Time(c.Completed), FailureReason: types.CreateAccountFailureReason(c.Failure),
	}
	if c.AccountID != "" {
		status.AccountId = aws.String(c.AccountID)
	}
	return status
}

func (a *API) describeAccount(c *Call, in *sdk.DescribeAccountInput) (*sdk.DescribeAccountOutput, error) {
	member, err := c.Org.FindAccount(aws.ToString(in.AccountId))
	if err != nil {
		return nil, err
	}
	shown := showAccount(c.Org, member)
	return &sdk.DescribeAccountOutput{Account: &shown}, nil
}

func (a *API) listAccounts(c *Call, in *sdk.ListAccountsInput) (*sdk.ListAccountsOutput, error) {
	show := func(member *org.Account) types.Account { return showAccount(c.Org, member) }
	list, next, err := nextPage(in.NextToken, in.MaxResults, c.Org.AccountsAfter, nil, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListAccountsOutput{Accounts: list, NextToken: next}, nil
}

func (a *API) listAccountsForParent(c *Call, in *sdk.ListAccountsForParentInput) (*sdk.ListAccountsForParentOutput, error) {
	parent := aws.ToString(in.ParentId)
	if err := c.Org.Parent(parent); err != nil {
		return nil, err
	}
	walk := func(after string) iter.Seq2[string, *org.Account] {
		return func(yield func(string, *org.Account) bool) {
			for id := range c.Org.ChildrenAfter(parent, after) {
				if member, ok := c.Org.Account(id); ok && !yield(id, member) {
					return
				}
			}
		}
	}
	show := func(member *org.Account) types.Account { return showAccount(c.Org, member) }
	list, next, err := nextPage(in.NextToken, in.MaxResults, walk, nil, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListAccountsForParentOutput{Accounts: list, NextToken: next}, nil
}

func showAccount(o *org.Organization, member *org.Account) types.Account {
	status := types.AccountStatusActive
	if member.State() == org.AccountClosed { // the older member has no word for it
		status = types.AccountStatusSuspended
	}
	return types.Account{
		Id: aws.String(member.ID), Arn: aws.String(o.TargetARN(member.ID)), Name: aws.String(member.Name), Email: some(member.Email),
		JoinedMethod: types.AccountJoinedMethod(member.Method), JoinedTimestamp: aws.Time(member.Joined),
		Paths: []string{o.AccountPath(member.ID)}, State: types.AccountState(member.State()), Status: status,
	}
}

// touchMember touches the organization and one of its members, beside the
// caller's account. Of one that is none the operation tells.
func touchMember[I any](id func(*I) *string) func(c *Call, in *I) (org.Touch, error) {
	return func(c *Call, in *I) (org.Touch, error) {
		touch, err := itself(c, in)
		if err != nil {
			return touch, err
		}
		if member := aws.ToString(id(in)); member != c.Home {
			if _, ok := c.Org.Account(member); ok {
				touch.Accounts = append(touch.Accounts, member)
			}
		}
		return touch, nil
	}
}

// member is the draft of a member that touchMember named; it may have joined only
// since.
func (c *Call) member(id string) (*iam.Draft, error) {
	if d, ok := c.Drafts.Accounts[id]; ok {
		return d, nil
	}
	return nil, org.Concurrent()
}

func (a *API) closeAccount(c *Call, in *sdk.CloseAccountInput) (*sdk.CloseAccountOutput, error) {
	d, id := c.Drafts.Organization, aws.ToString(in.AccountId)
	if err := d.CloseAccount(id); err != nil {
		return nil, err
	}
	member, err := c.member(id)
	if err != nil {
		return nil, err
	}
	closed, _ := d.Account(id)
	member.Close(closed.Closed)
	return &sdk.CloseAccountOutput{}, nil
}

func (a *API) removeAccountFromOrganization(c *Call, in *sdk.RemoveAccountFromOrganizationInput) (*sdk.RemoveAccountFromOrganizationOutput, error) {
	id := aws.ToString(in.AccountId)
	if err := c.Drafts.Organization.Leave(id); err != nil {
		return nil, err
	}
	member, err := c.member(id)
	if err != nil {
		return nil, err
	}
	member.Join("")
	return &sdk.RemoveAccountFromOrganizationOutput{}, nil
}

func (a *API) leaveOrganization(c *Call, _ *sdk.LeaveOrganizationInput) (*sdk.LeaveOrganizationOutput, error) {
	if err := c.Drafts.Organization.Leave(c.Home); err != nil {
		return nil, err
	}
	c.Draft.Join("")
	return &sdk.LeaveOrganizationOutput{}, nil
}
