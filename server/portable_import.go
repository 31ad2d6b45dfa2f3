package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"iamd/iam"
	"iamd/lwa"
	"iamd/org"
	"iamd/portable"
	"iamd/store"
)

// ImportOptions say what is done with a file.
type ImportOptions struct {
	// Account is the number of the one account that is brought; "" for all of the
	// file, and the organizations.
	Account string
	// DryRun tells what would be done, and changes nothing.
	DryRun bool
}

// Imported tells what an import did.
type Imported struct {
	DryRun        bool                   `json:"dryRun,omitempty"`
	Accounts      []ImportedAccount      `json:"accounts"`
	Organizations []ImportedOrganization `json:"organizations,omitempty"`
}

// ImportedAccount is an account that was brought.
type ImportedAccount struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Made says that the account was not here before.
	Made     bool `json:"made"`
	Users    int  `json:"users"`
	Groups   int  `json:"groups"`
	Roles    int  `json:"roles"`
	Policies int  `json:"policies"`
	// AccessKeyID and SecretAccessKey are a new key of the root user, shown this
	// once, of an account that nobody could have called without.
	AccessKeyID     string           `json:"accessKeyId,omitempty"`
	SecretAccessKey string           `json:"secretAccessKey,omitempty"`
	Notes           []iam.ImportNote `json:"notes"`
}

// ImportedOrganization is an organization that was brought.
type ImportedOrganization struct {
	ID       string `json:"id"`
	Accounts int    `json:"accounts"`
}

// errDry ends a write that is only tried.
var errDry = errors.New("server: a dry run")

// Import brings what a file holds: each account, and each organization, whole or
// not at all. With an error it tells what was brought before. Two imports do not run
// at the same time.
func (s *Server) Import(ctx context.Context, r io.Reader, o ImportOptions) (*Imported, error) {
	if o.Account != "" && (len(o.Account) != 12 || !digits(o.Account)) {
		return nil, iam.Errorf(iam.CodeInvalidInput, "An account number is 12 digits: %q is not.", o.Account)
	}
	s.importing.Lock()
	defer s.importing.Unlock()
	out := &Imported{DryRun: o.DryRun, Accounts: []ImportedAccount{}}
	brought := map[string]bool{}
	in := portable.NewReader(r)
	for {
		item, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, err
		}
		if item.Organization != nil {
			if o.Account != "" {
				continue
			}
			done, err := s.importOrganization(ctx, item.Organization, brought, o.DryRun)
			if err != nil {
				return out, err
			}
			out.Organizations = append(out.Organizations, *done)
			continue
		}
		wanted, err := item.Account.For(o.Account)
		if err != nil {
			return out, err
		}
		if !wanted {
			continue
		}
		if brought[item.Account.AccountID] {
			return out, iam.Errorf(iam.CodeEntityAlreadyExists, "Account %s is in the file twice.", item.Account.AccountID)
		}
		done, err := s.importAccount(ctx, item.Account, o)
		if err != nil {
			return out, err
		}
		brought[done.ID] = true
		out.Accounts = append(out.Accounts, *done)
	}
	if o.Account != "" && len(out.Accounts) == 0 {
		return out, iam.Errorf(iam.CodeNoSuchEntity, "The file holds no account %s.", o.Account)
	}
	return out, nil
}

// importAccount brings an account in one commit.
func (s *Server) importAccount(ctx context.Context, file *portable.Account, o ImportOptions) (*ImportedAccount, error) {
	in, err := file.Import()
	if err != nil {
		return nil, err
	}
	id := file.AccountID
	if err := s.othersIDs(ctx, id, in); err != nil {
		return nil, err
	}
	done := &ImportedAccount{ID: id}
	address, err := s.names(ctx, id, in)
	if err != nil {
		return nil, err
	}
	apps := file.ImportApplications()
	var owner *iam.Draft
	fill := func(d *iam.Draft) error {
		*done = ImportedAccount{ID: id, Made: d.CreateDate.IsZero()}
		brought, err := d.Import(in)
		if err != nil {
			return err
		}
		owner = d
		done.Name, done.Users, done.Groups, done.Roles, done.Policies = d.Name, d.UserCount(), d.GroupCount(), d.RoleCount(), d.PolicyCount()
		done.Notes = append([]iam.ImportNote{}, brought.Notes...)
		if done.Made && address != "" {
			done.Notes = append(done.Notes, iam.ImportNote{
				What: "the root user's e-mail address " + address + ", and password", Why: "another account has the address",
				Remedy: "let the first start make its account with another IAMD_ROOT_EMAIL, and import there",
			})
		}
		if file.OrganizationID != "" && o.Account != "" {
			done.Notes = append(done.Notes, iam.ImportNote{What: "organization " + file.OrganizationID, Why: "one account alone was brought", Remedy: "iamd export --all, and import all of it"})
		}
		if !o.DryRun {
			done.AccessKeyID, done.SecretAccessKey = brought.KeyID, brought.Secret
		}
		return nil
	}
	register := func(d *lwa.Draft) error {
		for range d.All() {
			return iam.Errorf(iam.CodeEntityAlreadyExists, "Account %s is here already, and has applications: an import does not touch it.", id)
		}
		for _, app := range apps {
			_, user := owner.UserByID(app.UniqueID)
			if _, role := owner.RoleByID(app.UniqueID); !user && !role {
				done.Notes = append(done.Notes, iam.ImportNote{What: "application " + app.ClientID, Why: "the user or role that signs its calls is gone", Remedy: "iamd app register"})
				continue
			}
			bare, err := d.Import(owner.Account, app)
			if err != nil {
				return err
			}
			if bare {
				done.Notes = append(done.Notes, iam.ImportNote{What: "application " + app.ClientID + ", client secret", Why: "it is not in the file", Remedy: "iamd app rotate-secret " + app.ClientID})
			}
		}
		return nil
	}
	if err := s.commitImport(ctx, id, fill, register, o.DryRun); err != nil {
		return nil, taken(id, err)
	}
	if !o.DryRun {
		s.cfg.Log.Info("account imported", "account", id, "made", done.Made, "users", done.Users, "roles", done.Roles)
	}
	return done, nil
}

// commitImport fills an account and registers its applications in one commit.
func (s *Server) commitImport(ctx context.Context, id string, fill func(*iam.Draft) error, register func(*lwa.Draft) error, dry bool) error {
	account, apps := s.accounts.ShareNew, s.registered.ShareNew
	if _, err := s.accounts.View(ctx, id); err == nil {
		account = s.accounts.Share
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if _, err := s.registered.View(ctx, id); err == nil {
		apps = s.registered.Share
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	err := store.Together(ctx, account(id, fill), apps(id, func(d *lwa.Draft) error {
		if err := register(d); err != nil || !dry {
			return err
		}
		return errDry
	}))
	if errors.Is(err, errDry) {
		return nil
	}
	return err
}

// names looks for names that another account has. Without its alias an account is
// not brought. An e-mail address, which is the same of many first accounts, is taken
// out of the import, and given back.
func (s *Server) names(ctx context.Context, id string, in *iam.Import) (address string, err error) {
	if in.Alias != "" {
		owner, err := iam.OwnerOfAlias(ctx, s.accounts, in.Alias)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", err
		}
		if err == nil && owner != id {
			return "", iam.Errorf(iam.CodeEntityAlreadyExists, "Account %s was not brought: another account has its account alias %s.", id, in.Alias)
		}
	}
	if in.Root.Email == "" {
		return "", nil
	}
	owner, err := iam.OwnerOfEmail(ctx, s.accounts, in.Root.Email)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && owner == id:
		return "", nil
	case err != nil:
		return "", err
	}
	address = in.Root.Email
	in.Root.Email, in.Root.Password, in.Root.Generation, in.RootPassword = "", "", "", false
	return address, nil
}

// taken makes AWS's refusal of a name that another account has.
func taken(id string, err error) error {
	var name *store.TakenError
	if errors.As(err, &name) {
		return &iam.Error{
			Code: iam.CodeEntityAlreadyExists, Err: err,
			Message: fmt.Sprintf("Account %s was not brought: another account has its %s %s.", id, strings.ReplaceAll(name.Space, "-", " "), name.Key),
		}
	}
	return err
}

// othersIDs refuses unique ids that stand for somebody of another account: in it,
// or in a trust policy of anybody's. Trust goes by unique ids; who brings one would
// be trusted by those who trust its owner.
func (s *Server) othersIDs(ctx context.Context, id string, in *iam.Import) error {
	ids := map[string]bool{}
	for _, u := range in.Users {
		ids[u.ID] = true
	}
	for _, r := range in.Roles {
		ids[r.ID] = true
	}
	refuse := func(uniqueID string) error {
		return iam.Errorf(iam.CodeEntityAlreadyExists, "Account %s was not brought: the unique id %s stands for somebody of another account.", id, uniqueID)
	}
	return s.everyAccount(ctx, func(other string) error {
		a, err := s.accounts.View(ctx, other)
		if err != nil {
			return err
		}
		found := ""
		a.Trusts(func(account, uniqueID string) {
			if account != id && ids[uniqueID] {
				found = uniqueID
			}
		})
		for uniqueID := range ids {
			if other == id {
				break
			}
			_, user := a.UserByID(uniqueID)
			if _, role := a.RoleByID(uniqueID); user || role {
				found = uniqueID
			}
		}
		if found != "" {
			return refuse(found)
		}
		return nil
	})
}

// importOrganization brings an organization whose accounts this import has brought,
// in one commit with them.
func (s *Server) importOrganization(ctx context.Context, file *portable.Organization, brought map[string]bool, dry bool) (*ImportedOrganization, error) {
	in, err := file.Import()
	if err != nil {
		return nil, err
	}
	members := file.Members()
	for _, id := range members {
		if !brought[id] {
			return nil, iam.Errorf(iam.CodeInvalidInput, "Organization %s was not brought: its account %.12s is not among those that the file brings.", file.ID, id)
		}
	}
	done := &ImportedOrganization{ID: file.ID, Accounts: len(members)}
	if dry {
		err := s.joined.all.Create(ctx, file.ID, func(d *org.Draft) error { return errors.Join(d.Import(in), errDry) })
		return done, dryOrganization(file.ID, err)
	}
	err = s.joined.Write(ctx, org.Touch{Organization: file.ID, New: true, Accounts: members}, func(d *org.Drafts) error {
		if err := d.Organization.Import(in); err != nil {
			return err
		}
		for _, id := range members {
			if err := d.Accounts[id].LinkOrganizations(); err != nil {
				return err
			}
			d.Accounts[id].Join(file.ID)
		}
		return nil
	})
	if err != nil {
		return nil, dryOrganization(file.ID, err)
	}
	s.cfg.Log.Info("organization imported", "organization", file.ID, "accounts", len(members))
	return done, nil
}

// dryOrganization is an error of an organization's import; nil for that of one that
// was only tried.
func dryOrganization(id string, err error) error {
	var refusal *iam.Error
	switch {
	case errors.As(err, &refusal):
		return refusal
	case errors.Is(err, errDry):
		return nil
	case errors.Is(err, store.ErrInvalid):
		return &iam.Error{Code: iam.CodeInvalidInput, Message: "Organization " + id + " was not brought: it has more accounts than this store changes at once. Import it where the store is PostgreSQL or the embedded one.", Err: err}
	case errors.Is(err, store.ErrExists):
		return &iam.Error{Code: iam.CodeEntityAlreadyExists, Message: "Organization " + id + " is here already: an import does not touch it.", Err: err}
	}
	return err
}
