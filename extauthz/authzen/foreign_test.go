package authzen_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"iamd/gateway"
)

// TestForeignCaller: the caller of an API may be of another account; beyond the
// request it may do what both accounts allow, and nothing else is told of it.
func TestForeignCaller(t *testing.T) {
	w := newWorld(t, gateway.API{
		ID: "shop", Account: account, Region: region, Hosts: []string{apiHost},
		ResourcePolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/prod/GET/*"}}`,
	})
	other, err := w.server.CreateAccount(t.Context(), "other", "")
	if err != nil {
		t.Fatal(err)
	}
	stranger := aws.Credentials{AccessKeyID: other.AccessKeyID, SecretAccessKey: other.SecretAccessKey}
	theirs := "arn:aws:iam::" + other.AccountID + ":root"
	const order = "arn:aws:shop:::order/1"
	own := m{"policy": m{"Version": "2012-10-17", "Statement": m{"Effect": "Allow", "Principal": m{"AWS": theirs}, "Action": "shop:View", "Resource": "*"}}}
	for _, c := range []struct {
		method, action, resource string
		properties               m
		want                     bool
		status                   int
	}{
		{"GET", "execute-api:Invoke", "*", nil, true, 200},
		{"POST", "execute-api:Invoke", "*", nil, false, 200},
		{"GET", "shop:View", order, nil, false, 200},
		{"GET", "shop:View", order, own, true, 200},
		{"GET", "shop:Refund", order, own, false, 200},
		{"POST", "shop:View", order, own, false, 200},
		{"GET", "shop:View", "*", nil, false, 200},
		{"GET", "iam:CreateUser", "arn:aws:iam::" + other.AccountID + ":user/x", nil, false, 403},
		{"GET", "s3:GetObject", "arn:aws:s3:::theirs", m{"account": other.AccountID}, false, 403},
	} {
		q := invoked(held(t, stranger, c.method, "/orders", ""))
		q["action"] = m{"name": c.action}
		q["resource"] = m{"type": "x", "id": c.resource}
		if c.properties != nil {
			q["resource"].(m)["properties"] = c.properties
		}
		a := w.ask(t, w.root, evaluation, marshal(t, q))
		if a.status != c.status || c.status == 200 && (a.decision(t) != c.want || a.context(t, "account") != other.AccountID) {
			t.Errorf("%s %s on %s: %d %s", c.method, c.action, c.resource, a.status, a.body)
		}
	}
}
