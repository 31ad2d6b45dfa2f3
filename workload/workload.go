package workload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sts"
	sdktypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/google/uuid"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/sts"
	"iamd/wire"
)

// What AWS does not tell, or tells as an about: lasting is how long keys are good
// for, renewal how long they must be good for still when they are handed out. AWS
// has new ones at least five minutes before the old end; SDKs begin to ask fifteen
// minutes before.
const (
	lasting = 6 * time.Hour
	renewal = 15 * time.Minute
)

// Deps are what both doors need.
type Deps struct {
	Guard *guard.Guard
	STS   *sts.Service
	// Account is an account as it stands; iam.ErrNotFound: it is not kept here.
	Account func(ctx context.Context, id string) (*iam.Account, error)
	// Record keeps an event; Observe counts an answer, by its door and status.
	Record  func(*audit.Event)
	Observe func(door string, status int)
	Now     func() time.Time
	Rand    io.Reader
	Log     *slog.Logger
}

// workload is what runs with a role's keys, and the keys that it has now.
type workload struct {
	service string // that runs it, and assumes its role
	name    string // of it, in the log
	session string // name of its sessions
	region  string
	// source is what the service tells of whom it calls for.
	source guard.OnBehalf
	keys   []sts.Key // condition keys of its sessions

	mu      sync.Mutex
	issued  *issued
	refused string // why the last call was; "" if it was not
}

// issued are keys, the unique id of whose role, and since when.
type issued struct {
	sts.Credentials
	role string
	at   time.Time
}

// errNoRole says that the role is not there, errUnwilling that it may not be
// assumed; the guard's own words are in the chain.
var (
	errNoRole    = errors.New("there is no such role")
	errUnwilling = errors.New("the service may not assume the role")
)

// take gives a workload the keys of a role, those it has unless they are about to
// end or are of no use any more. The account's view and the question to the guard
// are of this moment, so that what is taken away ends at once.
func (d *Deps) take(ctx context.Context, w *workload, arn string) (*issued, error) {
	now := d.Now()
	caller := guard.Service(w.service, w.source, guard.Origin{Time: now})
	caller.Region = w.region
	account, role, err := d.admit(ctx, caller, w, arn)
	w.mu.Lock()
	defer w.mu.Unlock()
	if errors.Is(err, errNoRole) || errors.Is(err, errUnwilling) {
		w.issued = nil
		// Once for each cause: who asks again and again must not fill the history.
		if err.Error() != w.refused {
			w.refused = err.Error()
			d.Log.Warn("a workload gets no keys", "workload", w.name, "role", arn, "error", err)
			if account != nil {
				d.record(caller, w, account.ID, arn, nil, err)
			}
		}
	}
	if err != nil {
		return nil, err
	}
	w.refused = ""
	if k := w.issued; k != nil && k.role == role.ID && !k.at.Before(role.SessionsNotBefore) && k.Expiration.Sub(now) >= renewal {
		return k, nil
	}
	session := sts.ServiceRole{Account: account.ID, Role: role, SessionName: w.session, Lasting: lasting, Keys: w.keys}.Session(now)
	credentials, err := d.STS.Issue(session, 0)
	if err != nil {
		return nil, err
	}
	w.issued = &issued{credentials, role.ID, session.Issued}
	d.record(caller, w, account.ID, arn, &sdk.AssumeRoleOutput{
		Credentials: &sdktypes.Credentials{
			AccessKeyId: aws.String(credentials.AccessKeyID), SecretAccessKey: aws.String(credentials.SecretAccessKey),
			SessionToken: aws.String(credentials.SessionToken), Expiration: aws.Time(credentials.Expiration),
		},
		AssumedRoleUser: &sdktypes.AssumedRoleUser{
			Arn:           aws.String("arn:aws:sts::" + account.ID + ":assumed-role/" + role.Name + "/" + w.session),
			AssumedRoleId: aws.String(role.ID + ":" + w.session),
		},
	}, nil)
	return w.issued, nil
}

// admit finds the role and asks whether the service may have it. The account is
// nil when it is not kept here.
func (d *Deps) admit(ctx context.Context, caller *guard.Caller, w *workload, arn string) (*iam.Account, *iam.Role, error) {
	id, ok := accountOf(roleARN, arn)
	if !ok {
		return nil, nil, errNoRole
	}
	account, err := d.Account(ctx, id)
	if errors.Is(err, iam.ErrNotFound) {
		return nil, nil, errNoRole
	}
	if err != nil {
		return nil, nil, err
	}
	role, ok := account.RoleByARN(arn)
	if !ok {
		return account, nil, errNoRole
	}
	check := guard.Assuming("sts:AssumeRole", arn, id, role)
	check.Keys = []guard.Key{guard.Value("sts:RoleSessionName", w.session)}
	var denied *guard.Denied
	switch err := d.Guard.Authorize(caller, nil, check); {
	case errors.As(err, &denied):
		return account, nil, fmt.Errorf("%w: %w", errUnwilling, err)
	case err != nil:
		return account, nil, err
	}
	return account, role, nil
}

// record keeps the service's call as CloudTrail does: the service is the identity,
// the address and the agent.
func (d *Deps) record(caller *guard.Caller, w *workload, account, arn string, out *sdk.AssumeRoleOutput, err error) {
	op := wire.Op{Service: "sts", Name: "AssumeRole"}
	e := &audit.Event{
		EventVersion: "1.11", UserIdentity: caller.Identity(), EventTime: caller.Time.UTC(),
		EventSource: "sts.amazonaws.com", EventName: op.Name, AWSRegion: w.region,
		SourceIPAddress: w.service, UserAgent: w.service,
		RequestID: d.newID(), EventID: d.newID(), ReadOnly: true,
		EventType: "AwsApiCall", ManagementEvent: true, EventCategory: "Management", RecipientAccountID: account,
		RequestParameters: wire.AppendEvent(nil, op, &sdk.AssumeRoleInput{RoleArn: &arn, RoleSessionName: &w.session}),
	}
	var denied *guard.Denied
	switch {
	case errors.As(err, &denied):
		e.ErrorCode, e.ErrorMessage = iam.CodeAccessDenied, denied.Error()
	case err != nil:
		e.ErrorCode, e.ErrorMessage = iam.CodeAccessDenied, err.Error()
	default:
		e.ResponseElements = wire.AppendEvent(nil, op, out)
	}
	d.Record(e)
}

func (d *Deps) newID() string {
	id, err := uuid.NewRandomFromReader(d.Rand)
	if err != nil {
		panic("workload: no randomness: " + err.Error())
	}
	return id.String()
}

// read fills b at random.
func (d *Deps) read(b []byte) {
	if _, err := io.ReadFull(d.Rand, b); err != nil {
		panic("workload: no randomness: " + err.Error())
	}
}

// The ARNs that a configuration may name; the account is their one group.
var (
	roleARN    = regexp.MustCompile(`^arn:aws:iam::(\d{12}):role/(?:[\x21-\x2e\x30-\x7e]+/)*[\w+=,.@-]{1,64}$`)
	profileARN = regexp.MustCompile(`^arn:aws:iam::(\d{12}):instance-profile/(?:[\x21-\x2e\x30-\x7e]+/)*[\w+=,.@-]{1,128}$`)
)

func accountOf(form *regexp.Regexp, arn string) (string, bool) {
	part := form.FindStringSubmatch(arn)
	if part == nil {
		return "", false
	}
	return part[1], true
}

// region is what a region may be called.
var regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d{1,2}$`)

// sessionName is what AWS lets a session be called.
var sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
