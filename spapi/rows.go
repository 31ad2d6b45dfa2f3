package spapi

import (
	"net/http"
	"slices"

	"iamd/iam"
	"iamd/lwa"
)

// root is below which all rows are.
const root = Prefix + "applications"

// service is what requests are signed for, and the part of actions and ARNs.
const service = "sellingpartnerapi"

// row is one request of the owner of applications, signed for the service in any
// region. Its steps are the same for all: authenticate, decode, authorize, run,
// record, encode.
type row struct {
	method, path string // below root
	event        string // the action without its service, and the event's name
	// members are those that the request may have.
	members []string
	status  int // of the answer
	// write runs the row on drafts of the caller's account and of its applications,
	// and its event commits with what it changed. A read runs on one view.
	write bool
	// run gives the answer, nil for none.
	run func(d *Door, k *call) (out any, err error)
	// told is what the event tells of the answer; nil: nothing. Never a secret or a
	// token.
	told func(k *call, out any) any
}

// rows is the table of everything that the door answers to signed requests:
// whatever is not here is not found.
func rows() []row {
	const one = "/{client_id}"
	return []row{
		{method: http.MethodPost, event: "RegisterApplication", members: []string{"name", "iam_arn", "selling_partner_id"}, status: http.StatusCreated, write: true, run: register, told: toldRegister},
		{method: http.MethodGet, event: "ListApplications", status: http.StatusOK, run: list},
		{method: http.MethodGet, path: one, event: "GetApplication", status: http.StatusOK, run: get},
		{method: http.MethodDelete, path: one, event: "DeleteApplication", status: http.StatusNoContent, write: true, run: remove},
		{method: http.MethodPost, path: one + "/secret", event: "RotateApplicationClientSecret", status: http.StatusOK, write: true, run: rotate, told: toldRotate},
		{method: http.MethodPost, path: one + "/authorizations", event: "AuthorizeApplication", members: []string{"selling_partner_id", "code"}, status: http.StatusOK, write: true, run: authorize, told: toldAuthorize},
		{method: http.MethodDelete, path: one + "/authorizations/{selling_partner_id}", event: "RevokeAuthorization", status: http.StatusNoContent, write: true, run: revoke},
	}
}

// clientID is the one in the path, "" where the row has none.
func (k *call) clientID() string { return k.Request.PathValue("client_id") }

// client is an application of the caller's account, as tokens are made for it.
func (k *call) client(app *lwa.Application) *lwa.Client {
	return &lwa.Client{Account: k.Caller.Account, Application: app}
}

type registered struct {
	ClientID      string `json:"client_id"`
	ClientSecret  string `json:"client_secret"`
	RefreshToken  string `json:"refresh_token"`
	ApplicationID string `json:"application_id"`
	Name          string `json:"name"`
	IAMARN        string `json:"iam_arn"`
	Partner       string `json:"selling_partner_id"`
	Created       string `json:"created"`
}

func register(d *Door, k *call) (any, error) {
	app, secret, err := k.Draft.Register(k.Account, lwa.Registration{
		Name: k.In.text("name"), IAMARN: k.In.text("iam_arn"), SellingPartner: k.In.text("selling_partner_id"),
	})
	if err != nil {
		return nil, err
	}
	z := &app.Authorizations[0]
	return &registered{
		app.ClientID, secret, d.cfg.Tokens.RefreshToken(k.client(app), z), app.ApplicationID,
		app.Name, app.IAMARN, z.SellingPartner, stamp(app.Created),
	}, nil
}

func toldRegister(_ *call, out any) any {
	r := out.(*registered)
	return map[string]string{"clientId": r.ClientID, "applicationId": r.ApplicationID, "sellingPartnerId": r.Partner}
}

type application struct {
	ClientID       string          `json:"client_id"`
	ApplicationID  string          `json:"application_id"`
	Name           string          `json:"name"`
	IAMARN         string          `json:"iam_arn"`
	Created        string          `json:"created"`
	Authorizations []authorization `json:"authorizations"`
}

type authorization struct {
	Partner string `json:"selling_partner_id"`
	Created string `json:"created"`
}

func shown(app *lwa.Application) application {
	out := application{app.ClientID, app.ApplicationID, app.Name, app.IAMARN, stamp(app.Created), []authorization{}}
	for _, z := range app.Authorizations {
		out.Authorizations = append(out.Authorizations, authorization{z.SellingPartner, stamp(z.Created)})
	}
	return out
}

func list(_ *Door, k *call) (any, error) {
	all := []application{}
	for app := range k.Applications.All() {
		all = append(all, shown(app))
	}
	return map[string]any{"applications": all}, nil
}

func get(_ *Door, k *call) (any, error) {
	app, err := k.Applications.Application(k.clientID())
	if err != nil {
		return nil, err
	}
	return shown(app), nil
}

func remove(_ *Door, k *call) (any, error) { return nil, k.Draft.Delete(k.clientID()) }

type rotated struct {
	ClientSecret string `json:"client_secret"`
	OldExpires   string `json:"old_secret_expires"`
}

func rotate(_ *Door, k *call) (any, error) {
	secret, ends, err := k.Draft.RotateSecret(k.clientID())
	if err != nil {
		return nil, err
	}
	return &rotated{secret, stamp(ends)}, nil
}

func toldRotate(_ *call, out any) any {
	return map[string]string{"oldSecretExpires": out.(*rotated).OldExpires}
}

type authorized struct {
	RefreshToken string `json:"refresh_token,omitempty"`
	Code         string `json:"spapi_oauth_code,omitempty"`
	Partner      string `json:"selling_partner_id"`
}

func authorize(d *Door, k *call) (any, error) {
	app, z, err := k.Draft.Authorize(k.clientID(), k.In.text("selling_partner_id"))
	if err != nil {
		return nil, err
	}
	out := &authorized{Partner: z.SellingPartner}
	if k.In["code"] == true {
		out.Code = d.cfg.Tokens.Code(k.client(app), z)
	} else {
		out.RefreshToken = d.cfg.Tokens.RefreshToken(k.client(app), z)
	}
	return out, nil
}

func toldAuthorize(_ *call, out any) any {
	return map[string]string{"sellingPartnerId": out.(*authorized).Partner}
}

func revoke(_ *Door, k *call) (any, error) {
	return nil, k.Draft.Revoke(k.clientID(), k.Request.PathValue("selling_partner_id"))
}

// decode reads what a row may be asked with.
func (r *row) decode(k *call, body []byte) (err error) {
	if len(body) > 0 {
		if k.In, err = parse(body); err != nil {
			return invalid("The request body must be one JSON object, with each member once.")
		}
	}
	for name, value := range k.In {
		_, text := value.(string)
		if !slices.Contains(r.members, name) {
			return invalid("The request body has a member that is not known here: " + quoted(name) + ".")
		}
		if text == (name == "code") {
			return invalid("The request body's member " + quoted(name) + " is of the wrong type.")
		}
	}
	if id := k.clientID(); id != "" && !lwa.IsClientID(id) {
		return iam.Errorf(lwa.CodeNotFound, "The account has no application with this client id.")
	}
	return nil
}
