package lwa

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"iamd/iam"
)

// Lives of what is issued.
const (
	AccessLife = time.Hour       // of access tokens and restricted data tokens
	CodeLife   = 5 * time.Minute // of authorization codes
	// SecretGrace is how long a secret that was replaced works on.
	// https://developer-docs.amazon.com/sp-api/docs/rotate-your-applications-lwa-credentials
	SecretGrace = 7 * 24 * time.Hour
)

const (
	maxSecrets = 2
	maxName    = 128 // characters of an application's name; Amazon does not tell its own bound
)

// Codes of refusals, in the words of AWS's newer services.
const (
	CodeValidation = "ValidationException"
	CodeNotFound   = "ResourceNotFoundException"
	CodeQuota      = "ServiceQuotaExceededException"
	CodeThrottling = "ThrottlingException"
)

func noApplication() error {
	return iam.Errorf(CodeNotFound, "The account has no application with this client id.")
}

// Forms of ids: what does not have them is none, and is not looked up.
var (
	clientForm      = regexp.MustCompile(`^amzn1\.application-oa2-client\.[0-9a-f]{32}$`)
	applicationForm = regexp.MustCompile(`^amzn1\.sp\.solution\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	partnerForm     = regexp.MustCompile(`^[A-Z0-9]{10,20}$`)
)

// IsClientID tells whether a text has the form of a client id.
func IsClientID(s string) bool { return clientForm.MatchString(s) }

// Registration is what an application is registered with.
type Registration struct {
	Name   string
	IAMARN string // of a user or role of the account
	// SellingPartner authorizes the application at once; empty: one made up.
	SellingPartner string
}

// Register makes an application of the account that owner is, authorized by one
// selling partner. Its secret is told here and never again.
func (d *Draft) Register(owner *iam.Account, in Registration) (app *Application, secret string, err error) {
	if err := checkName(in.Name); err != nil {
		return nil, "", err
	}
	id, err := signer(owner, in.IAMARN)
	if err != nil {
		return nil, "", err
	}
	if d.applications.Len() >= d.env.Quotas.Applications {
		return nil, "", iam.Errorf(CodeQuota, "The account has %d applications, and may have no more. Delete one that is not used.", d.env.Quotas.Applications)
	}
	app = &Application{
		ClientID:      "amzn1.application-oa2-client." + hex.EncodeToString(d.random(16)),
		ApplicationID: "amzn1.sp.solution." + d.uuid(),
		Name:          in.Name, Created: d.now(), IAMARN: in.IAMARN, UniqueID: id,
	}
	if err := d.authorize(app, in.SellingPartner); err != nil {
		return nil, "", err
	}
	secret = d.newSecret(app)
	d.take(app)
	return app, secret, nil
}

func checkName(name string) error {
	graphic := utf8.ValidString(name) && !strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsGraphic(c) })
	if n := utf8.RuneCountInString(name); !graphic || n > maxName || strings.TrimSpace(name) != name || n == 0 {
		return iam.Errorf(CodeValidation, "name must have 1 to %d characters that can be seen, and no space at its ends.", maxName)
	}
	return nil
}

// signer finds the unique id of the user or role that will sign.
func signer(owner *iam.Account, arn string) (uniqueID string, err error) {
	if u, ok := owner.UserByARN(arn); ok {
		return u.ID, nil
	}
	if r, ok := owner.RoleByARN(arn); ok {
		return r.ID, nil
	}
	return "", iam.Errorf(CodeValidation, "iam_arn must be the ARN of an IAM user or role that account %s has, such as arn:aws:iam::%s:role/NAME.", owner.ID, owner.ID)
}

// Delete ends an application and all its tokens.
func (d *Draft) Delete(clientID string) error {
	app, err := d.Application(clientID)
	if err != nil {
		return err
	}
	d.drop(app)
	return nil
}

// RotateSecret gives an application a new secret. The one before works until
// ends; one that was replaced before that ends now.
func (d *Draft) RotateSecret(clientID string) (secret string, ends time.Time, err error) {
	app, err := d.Application(clientID)
	if err != nil {
		return "", time.Time{}, err
	}
	app, ends = app.clone(), d.now().Add(SecretGrace)
	app.Secrets = app.Secrets[:1]
	app.Secrets[0].Expires = ends
	secret = d.newSecret(app)
	d.put(app)
	return secret, ends, nil
}

// newSecret puts a new secret in front of an application's others.
func (d *Draft) newSecret(app *Application) string {
	secret := "amzn1.oa2-cs.v1." + hex.EncodeToString(d.random(32))
	hash := sha256.Sum256([]byte(secret))
	app.Secrets = slices.Insert(app.Secrets, 0, Secret{Hash: hash[:]})
	return secret
}

// Authorize lets an application act for a selling partner; empty: one made up. A
// partner who did so before has one authorization all the same.
func (d *Draft) Authorize(clientID, partner string) (*Application, *Authorization, error) {
	app, err := d.Application(clientID)
	if err != nil {
		return nil, nil, err
	}
	if z := app.AuthorizedBy(partner); z != nil {
		return app, z, nil
	}
	app = app.clone()
	if err := d.authorize(app, partner); err != nil {
		return nil, nil, err
	}
	d.put(app)
	return app, &app.Authorizations[len(app.Authorizations)-1], nil
}

func (d *Draft) authorize(app *Application, partner string) error {
	if partner == "" {
		partner = "A" + base32.StdEncoding.EncodeToString(d.random(10))[:13]
	}
	if !partnerForm.MatchString(partner) {
		return iam.Errorf(CodeValidation, "selling_partner_id must have 10 to 20 capital letters and digits, such as A2EXAMPLE12345.")
	}
	if len(app.Authorizations) >= d.env.Quotas.Authorizations {
		return iam.Errorf(CodeQuota, "The application has %d authorizations, and may have no more. Revoke one that is not used.", d.env.Quotas.Authorizations)
	}
	app.Authorizations = append(app.Authorizations, Authorization{ID: hex.EncodeToString(d.random(12)), SellingPartner: partner, Created: d.now()})
	return nil
}

// Revoke takes an authorization back, and with it every token that came of it.
func (d *Draft) Revoke(clientID, partner string) error {
	app, err := d.Application(clientID)
	if err != nil {
		return err
	}
	if app.AuthorizedBy(partner) == nil {
		return iam.Errorf(CodeNotFound, "The selling partner has not authorized the application.")
	}
	app = app.clone()
	app.Authorizations = slices.DeleteFunc(app.Authorizations, func(z Authorization) bool { return z.SellingPartner == partner })
	d.put(app)
	return nil
}

// random gives n random bytes. It panics when there are none, as no id could be
// trusted after.
func (d *Draft) random(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(d.env.Rand, b); err != nil {
		panic("lwa: no randomness: " + err.Error())
	}
	return b
}

func (d *Draft) uuid() string {
	id, err := uuid.NewRandomFromReader(d.env.Rand)
	if err != nil {
		panic("lwa: no randomness: " + err.Error())
	}
	return id.String()
}
