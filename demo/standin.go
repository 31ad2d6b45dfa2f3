package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Hosts of Amazon's, as its documentation names them.
const (
	loginHost   = "https://api.amazon.com"
	sellingHost = "https://sellingpartnerapi-na.amazon.com"
	sandboxHost = "https://sandbox.sellingpartnerapi-na.amazon.com"

	// Sorted by name: curl signs a query as it finds it.
	query = orders + "?CreatedAfter=2026-01-01T00%3A00%3A00Z&MarketplaceIds=ATVPDKIKX0DER"
)

// standIn is the Selling Partner API as an application sees it.
type standIn struct {
	client *http.Client
	token  string
	key    aws.Credentials // of the role
}

type application struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RefreshToken string `json:"refresh_token"`
}

// resolve makes a client to whom Amazon's names lead here, and who trusts the local
// authority alone.
func (d *demo) resolve() error {
	text, err := os.ReadFile(d.file("data/ca.pem"))
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return errors.New("data/ca.pem holds no certificate")
	}
	d.selling.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, strings.TrimPrefix(d.iamd.tls, "https://"))
		},
		TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true,
	}}
	return nil
}

// register registers an application, signed by root's own key.
func (d *demo) register(ctx context.Context, arn string) (app application, status int, err error) {
	body, err := json.Marshal(map[string]string{"name": "demo", "iam_arn": arn})
	if err != nil {
		return app, 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.iamd.url+"/spapi/applications", bytes.NewReader(body))
	if err != nil {
		return app, 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	if err := signed(ctx, r, d.root.key, string(body), "sellingpartnerapi"); err != nil {
		return app, 0, err
	}
	status, text, _, err := answer(http.DefaultClient, r)
	if err == nil && status == http.StatusCreated {
		err = json.Unmarshal([]byte(text), &app)
	}
	return app, status, err
}

func signed(ctx context.Context, r *http.Request, key aws.Credentials, body, service string) error {
	hash := sha256.Sum256([]byte(body))
	return v4.NewSigner().SignHTTP(ctx, key, r, hex.EncodeToString(hash[:]), service, region, time.Now())
}

func answer(c *http.Client, r *http.Request) (status int, text string, h http.Header, err error) {
	resp, err := c.Do(r)
	if err != nil {
		return 0, "", nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), resp.Header, err
}

// form is what an application sends for an access token.
func (a application) form() string {
	return url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {a.RefreshToken}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret},
	}.Encode()
}

// exchange gives an access token for an application's refresh token.
func (d *demo) exchange(ctx context.Context, app application) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, loginHost+"/auth/o2/token", strings.NewReader(app.form()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
	status, text, _, err := answer(d.selling.client, r)
	if err != nil {
		return "", err
	}
	var got struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil || status != http.StatusOK {
		return "", fmt.Errorf("%s/auth/o2/token: %d %s", loginHost, status, text)
	}
	return got.AccessToken, nil
}

// login registers an application and gets what it calls with: an access token, and
// the role's keys from STS under its own name.
func (d *demo) login(ctx context.Context) (err error) {
	d.title("Register an application with the role, and log in with Amazon")
	if err := d.resolve(); err != nil {
		return err
	}
	d.labelled("TLS", "%s, for Amazon's host names; the client trusts data/ca.pem", d.iamd.tls)
	s := &d.selling
	app, status, err := d.register(ctx, d.roleARN)
	if err != nil {
		return err
	}
	d.allowed(status == http.StatusCreated && app.RefreshToken != "", "POST /spapi/applications", fmt.Sprintf("%d %s", status, app.ClientID))
	if err := os.WriteFile(d.file("login"), []byte(app.form()), 0o600); err != nil {
		return err
	}
	if s.token, err = d.exchange(ctx, app); err != nil {
		return err
	}
	d.allowed(strings.HasPrefix(s.token, "Atza|"), "api.amazon.com", "an access token, "+s.token[:12]+"…")
	got, err := sts.NewFromConfig(aws.Config{
		Region: region, HTTPClient: s.client, Credentials: credentials.StaticCredentialsProvider{Value: d.user.key},
	}).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &d.roleARN, RoleSessionName: aws.String("stand-in")})
	if err != nil {
		return fmt.Errorf("AssumeRole at AWS's own endpoint: %w", err)
	}
	c := got.Credentials
	s.key = aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
	d.allowed(true, "sts."+region+".amazonaws.com", "AssumeRole, key "+s.key.AccessKeyID)
	return nil
}

// sell calls the Selling Partner API under its own name, as it must be called and
// otherwise.
func (d *demo) sell(ctx context.Context) error {
	d.title("Call the Selling Partner API under its own name")
	foreign, _, err := d.register(ctx, "arn:aws:iam::"+d.account+":user/"+user)
	if err != nil {
		return err
	}
	other, err := d.exchange(ctx, foreign)
	if err != nil {
		return err
	}
	s := d.selling
	forged := swapCase(s.token)
	for _, c := range []struct {
		what, url, token string
		key              *aws.Credentials
		status           int
		words            string
	}{
		{"token and signature", sellingHost + query, s.token, &s.key, 200, `"AmazonOrderId"`},
		{"a sandbox case", sandboxHost + orders + "/TEST_CASE_200", s.token, &s.key, 200, `"AmazonOrderId"`},
		{"no signature", sellingHost + query, s.token, nil, 403, "MissingAuthenticationToken"},
		{"no access token", sellingHost + query, "", &s.key, 403, "Access token is missing in the request header."},
		{"a forged access token", sellingHost + query, forged, &s.key, 403, "The access token you provided is revoked, malformed or invalid."},
		{"another application's token", sellingHost + query, other, &s.key, 403, "Access to requested resource is denied."},
		{"the user's own keys", sellingHost + query, s.token, &d.user.key, 403, "Access to requested resource is denied."},
	} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
		if err != nil {
			return err
		}
		if c.token != "" {
			r.Header.Set("X-Amz-Access-Token", c.token)
		}
		if c.key != nil {
			if err := signed(ctx, r, *c.key, "", "execute-api"); err != nil {
				return err
			}
		}
		status, text, _, err := answer(s.client, r)
		if err != nil {
			return err
		}
		good, came := status == c.status && strings.Contains(text, c.words), fmt.Sprintf("%d %s", status, short(text))
		if c.status == http.StatusOK {
			d.allowed(good, c.what, came)
		} else {
			d.refused(good, c.what, came)
		}
	}
	return nil
}

// short is the heart of an answer: of an error its code and words, of what else is
// long the beginning.
func short(text string) string {
	var failed struct {
		Errors []struct{ Code, Message, Details string }
	}
	if err := json.Unmarshal([]byte(text), &failed); err == nil && len(failed.Errors) > 0 {
		e := failed.Errors[0]
		return strings.TrimSpace(e.Code + ": " + e.Message + " " + e.Details)
	}
	text = strings.Join(strings.Fields(text), " ")
	const most = 76
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// sellByHand tells how to do the same from another terminal.
func (d *demo) sellByHand() []string {
	return []string{
		"",
		"C=\"curl -sS --cacert " + d.file("data/ca.pem") + " --connect-to ::" + strings.TrimPrefix(d.iamd.tls, "https://") + "\"",
		"LWA=$($C " + loginHost + "/auth/o2/token -d @" + d.file("login") + " | sed 's/.*\"access_token\":\"\\([^\"]*\\).*/\\1/')",
		"$C --aws-sigv4 aws:amz:" + region + ":execute-api --user \"$ID:$SECRET\" -H \"X-Amz-Security-Token: $TOKEN\" \\",
		"    -H \"x-amz-access-token: $LWA\" '" + sellingHost + query + "'",
	}
}
