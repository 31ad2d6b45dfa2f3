package console

import (
	"encoding/json"
	"strings"

	"iamd/audit"
	"iamd/iam"
)

// The events of sign-ins are CloudTrail's.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
const (
	signInSource = "signin.amazonaws.com"

	consoleLogin    = "ConsoleLogin"
	checkMFA        = "CheckMfa"
	passwordUpdated = "PasswordUpdated"

	failedAuthentication = "Failed authentication"
	noUser               = "No username found in supplied account"
	// hiddenName stands for a user name that nobody has: people type passwords
	// into the wrong field.
	hiddenName = "HIDDEN_DUE_TO_SECURITY_REASONS"
)

// event is one of a call in an account's history; what differs is filled in by who
// makes it.
func (c *Console) event(k *call, account, source, name string, who audit.Identity) *audit.Event {
	e := &audit.Event{
		EventVersion: "1.11", UserIdentity: who, EventTime: k.Time.UTC(), EventSource: source, EventName: name, AWSRegion: "us-east-1",
		SourceIPAddress: k.Origin.SourceIP, UserAgent: k.Origin.UserAgent, RequestID: k.ID, EventID: c.newID(),
		EventType: "AwsApiCall", ManagementEvent: true, RecipientAccountID: account, EventCategory: "Management",
	}
	if source == signInSource {
		e.EventType = "AwsConsoleSignIn"
	}
	return e
}

// told is the event of a signed call.
func (s signed[I]) told(c *Console, k *call, in *I, out any, err error) *audit.Event {
	e := c.event(k, k.Caller.Account, s.source, s.event, k.Caller.Identity())
	e.ReadOnly = !s.write
	if s.source != "iam.amazonaws.com" && k.Caller.Region != "" { // IAM is global
		e.AWSRegion = k.Caller.Region
	}
	if k.Caller.FromConsole() {
		e.FromConsole = "true"
	}
	if err != nil {
		told := refusalOf(err)
		e.ErrorCode, e.ErrorMessage = told.code, told.message
	}
	if s.record != nil {
		request, response := s.record(in, out)
		e.RequestParameters = elements(request)
		if err == nil {
			e.ResponseElements = elements(response)
		}
	}
	return e
}

// elements is JSON of what a row tells; nil is null. What can't be written is
// left out: the event counts for more.
func elements(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return data
}

// identity is who somebody claims to be at the sign-in. CloudTrail tells the ARN of
// a user only once it is proved.
func (at *attempt) identity(proved bool) audit.Identity {
	a := at.account
	switch {
	case at.in.Type == typeRoot:
		return audit.Identity{Type: "Root", PrincipalID: a.ID, ARN: a.RootARN(), AccountID: a.ID}
	case at.user == nil:
		return audit.Identity{Type: "IAMUser", AccountID: a.ID, UserName: hiddenName}
	}
	who := audit.Identity{Type: "IAMUser", PrincipalID: at.user.ID, AccountID: a.ID, UserName: at.user.Name}
	if proved {
		who.ARN = a.UserARN(at.user)
	}
	return who
}

// additional is what CloudTrail tells of a sign-in beside its outcome.
type additional struct {
	LoginTo       string `json:"LoginTo,omitempty"`
	MobileVersion string `json:"MobileVersion,omitempty"`
	MFAIdentifier string `json:"MFAIdentifier,omitempty"`
	MFAUsed       string `json:"MFAUsed,omitempty"`
	MFAType       string `json:"MfaType,omitempty"`
}

func (c *Console) login(serial string, used bool) additional {
	more := additional{LoginTo: c.cfg.PublicURL() + "/console/", MobileVersion: "No", MFAIdentifier: serial, MFAUsed: "No"}
	if used {
		more.MFAUsed = "Yes"
	}
	return more
}

// failed records a sign-in that failed, in the history of an account that there is,
// and so many within a time that no flood of them pushes anything else out.
func (c *Console) failed(k *call, at *attempt, mfa bool) {
	if at.account == nil || !c.failures.Begin(at.account.ID, k.Time) {
		return
	}
	e := c.event(k, at.account.ID, signInSource, consoleLogin, at.identity(false))
	e.ErrorMessage, e.ResponseElements = failedAuthentication, outcome(consoleLogin, "Failure")
	if at.in.Type == typeUser && at.user == nil {
		e.ErrorMessage = noUser
	}
	e.AdditionalEventData = elements(c.login("", mfa))
	c.cfg.Audit.Record(e)
}

// asked records that somebody whose password was right was asked for more.
func (c *Console) asked(k *call, at *attempt, list []*iam.MFADevice) {
	kinds := map[bool]bool{}
	for _, m := range list {
		kinds[m.Passkey != nil] = true
	}
	kind := "Virtual MFA"
	switch {
	case len(kinds) > 1:
		kind = "Multiple MFA Devices"
	case kinds[true]:
		kind = "U2F MFA"
	}
	e := c.event(k, at.account.ID, signInSource, checkMFA, at.identity(false))
	e.ResponseElements, e.AdditionalEventData = outcome(checkMFA, "Success"), elements(additional{MFAType: kind})
	c.cfg.Audit.Record(e)
}

// signedIn records a sign-in.
func (c *Console) signedIn(k *call, at *attempt, serial string) {
	e := c.event(k, at.account.ID, signInSource, consoleLogin, at.identity(true))
	e.ResponseElements, e.AdditionalEventData = outcome(consoleLogin, "Success"), elements(c.login(serial, serial != ""))
	c.cfg.Audit.Record(e)
	id := at.account.ID
	if at.user != nil {
		id = at.user.ID
	}
	c.cfg.Audit.SignedIn(k, at.account.ID, id, k.Time)
}

// updated is the event of a new password.
func (c *Console) updated(k *call, account string, who audit.Identity) *audit.Event {
	e := c.event(k, account, signInSource, passwordUpdated, who)
	e.ResponseElements = outcome(passwordUpdated, "Success")
	return e
}

func outcome(name, result string) json.RawMessage {
	return json.RawMessage(strings.Join([]string{`{"`, name, `":"`, result, `"}`}, ""))
}
