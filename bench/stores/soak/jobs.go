package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"

	"iamd/bench/stores/fleet"
	"iamd/sigv4"
)

// reads look at what is there.
func (c *caller) reads() {
	a := c.world[c.account()]
	c.api(a.User, "sts", 200, "Action", "GetCallerIdentity")
	c.api(a.User, "iam", 200, "Action", "GetUser", "UserName", fmt.Sprint("user-", rand.N(25)))
	switch rand.N(3) {
	case 0:
		c.api(a.User, "iam", 200, "Action", "ListUsers", "MaxItems", "50")
	case 1:
		c.api(a.User, "iam", 200, "Action", "SimulatePrincipalPolicy", "PolicySourceArn", a.Role, "ActionNames.member.1", "s3:GetObject")
	default:
		c.api(a.User, "iam", 404, "Action", "GetUser", "UserName", fmt.Sprint("absent-", rand.N(1000000)))
	}
}

// brief takes a session on at one node, and uses it at any.
func (c *caller) brief() { c.assume(c.world[c.account()]) }

func (c *caller) assume(a *fleet.Account) {
	body := c.api(a.User, "sts", 200, "Action", "AssumeRole", "RoleArn", a.Role, "RoleSessionName", fmt.Sprint("soak-", rand.N(1000000)))
	if body == nil {
		return
	}
	c.session = sessionOf(body)
	c.node = rand.N(len(c.nodes))
	c.api(c.session, "sts", 200, "Action", "GetCallerIdentity")
}

// sessions are used at a gateway, whose API is the first account's.
func (c *caller) sessions() {
	if c.assume(c.world[0]); c.session.Token == "" {
		return
	}
	for range 2 {
		c.ask("gateway", c.gateways[c.node], fleet.SignRequest(c.session, "execute-api", fmt.Sprint("/orders/", rand.N(1000)), http.Header{}, nil), 200)
	}
	long := bytes.Repeat([]byte("x"), rand.N(100<<10)) // some are spooled to disk
	c.ask("gateway, a body", c.gateways[c.node], fleet.SignRequest(c.session, "execute-api", "/orders", http.Header{"Content-Type": {"text/plain"}}, append(long, 'x')), 200)
}

// life is a user's, from first to last.
func (c *caller) life() {
	a := c.world[c.account()]
	name := fmt.Sprint("soak-", c.made.Add(1))
	iam := func(form ...string) []byte { return c.api(a.User, "iam", 200, append(form, "UserName", name)...) }
	if iam("Action", "CreateUser", "Tags.member.1.Key", "team", "Tags.member.1.Value", name) == nil {
		return
	}
	if iam("Action", "PutUserPolicy", "PolicyName", "p", "PolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::`+name+`/*"}]}`) == nil {
		return
	}
	key := iam("Action", "CreateAccessKey")
	if key == nil {
		return
	}
	// A key works on all nodes as soon as one has made it.
	id, at := fleet.Between(key, "AccessKeyId"), c.apis[rand.N(len(c.nodes))]
	c.ask("GetCallerIdentity, a new key", at, fleet.Sign(sigv4.Credentials{KeyID: id, Secret: fleet.Between(key, "SecretAccessKey")}, "sts", "Action", "GetCallerIdentity"), 200)
	iam("Action", "GetUser")
	for _, form := range [][]string{{"Action", "DeleteAccessKey", "AccessKeyId", id}, {"Action", "DeleteUserPolicy", "PolicyName", "p"}, {"Action", "DeleteUser"}} {
		if iam(form...) == nil {
			return
		}
	}
}

// denied asks for what the user may not have.
func (c *caller) denied() {
	i := c.account()
	c.ask("denials", c.apis[c.node], fleet.Sign(c.nobody[i], "iam", "Action", "GetUser", "UserName", fmt.Sprint("user-", rand.N(25))), 403)
	c.ask("denials, gateway", c.gateways[c.node], fleet.SignRequest(c.nobody[i], "execute-api", fmt.Sprint("/orders/", rand.N(1000)), http.Header{}, nil), 403)
}

// malformed is what no client of AWS sends.
func (c *caller) malformed() {
	a, api := c.world[c.account()], c.apis[c.node]
	c.ask("malformed", api, []byte("\x16\x03\x01\x02\x00\r\n\r\n"), 400)
	c.ask("malformed", api, []byte("GET /"+strings.Repeat("a", rand.N(4000))+" HTTP/1.1\r\nHost: "+fleet.Host+"\r\n\r\n"), 403, 404)
	c.ask("malformed", api, fleet.Sign(a.User, "iam", "Action", fmt.Sprint("Action", rand.N(1000000))), 400)
	c.ask("malformed", api, fleet.Sign(a.User, "iam", "Action", "GetUser", fmt.Sprint("Unknown", rand.N(1000000)), "x"), 400)
	wrong := a.User
	wrong.Secret += "x"
	c.ask("malformed", api, fleet.Sign(wrong, "sts", "Action", "GetCallerIdentity"), 403)
	unknown := sigv4.Credentials{KeyID: fmt.Sprintf("AKIA%016d", rand.N(1000000000)), Secret: "x"}
	c.ask("malformed", api, fleet.Sign(unknown, "sts", "Action", "GetCallerIdentity"), 403)
	// Who goes away amid a body hears nothing.
	line := fleet.NewLine(c.nodes[c.node].Address)
	if err := line.Send([]byte("POST / HTTP/1.1\r\nHost: " + fleet.Host + "\r\nContent-Length: 1000\r\n\r\nAction=")); err == nil {
		line.Close()
	}
}

// pages are the console's.
func (c *caller) pages() {
	get := func(path string) {
		c.ask("console, pages", c.apis[c.node], []byte("GET "+path+" HTTP/1.1\r\nHost: "+fleet.Host+"\r\nAccept-Encoding: gzip\r\n\r\n"), 200)
	}
	get("/console/")
	get(c.assets[rand.N(len(c.assets))])
}

// signIn signs a person in.
func (c *caller) signIn() {
	c.enter("console, sign-ins", fmt.Sprintf(`{"type":"user","account":%q,"user":"bench","password":%q}`, c.world[c.account()].ID, password), 200)
}

// guess is a stranger's. Some are told to wait.
func (c *caller) guess() {
	c.enter("console, guesses", fmt.Sprintf(`{"type":"user","account":"%012d","user":"bench","password":"guess"}`, rand.N(1000000000000)), 401, 429)
}

func (c *caller) enter(name, body string, want ...int) {
	c.ask(name, c.apis[c.node], fmt.Appendf(nil, "POST /console/api/signin HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", fleet.Host, len(body), body), want...)
}
