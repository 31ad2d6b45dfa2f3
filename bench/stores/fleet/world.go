package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"iamd/server"
	"iamd/sigv4"
)

// Account is one, with a user who may do what is measured, and a role of the user's.
type Account struct {
	ID   string
	Root sigv4.Credentials
	User sigv4.Credentials // named "bench"
	Role string            // ARN
}

const (
	rights = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:*","iam:*","execute-api:Invoke"],"Resource":"*"}]}`
	trusts = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"%s"}}]}`
)

// NewWorld makes accounts, the first one among them, with users each.
func NewWorld(ctx context.Context, n *Node, accounts, users int) ([]*Account, error) {
	world := make([]*Account, accounts)
	err := Each(ctx, n, accounts, func(l *Line, i int) (err error) {
		world[i], err = newAccount(ctx, n, l, i)
		return err
	})
	if err != nil {
		return nil, err
	}
	return world, Each(ctx, n, accounts*users, func(l *Line, i int) error {
		_, err := Must(l, world[i%accounts].Root, "iam", "Action", "CreateUser", "UserName", fmt.Sprintf("user-%d", i/accounts), "Path", "/bench/")
		return err
	})
}

func newAccount(ctx context.Context, n *Node, l *Line, i int) (*Account, error) {
	a := &Account{ID: FirstAccount, Root: sigv4.Credentials{KeyID: rootKey, Secret: rootSecret}}
	if i > 0 {
		made, err := n.Admin(ctx, http.MethodPost, "/accounts", strings.NewReader(fmt.Sprintf(`{"Name": "bench-%d"}`, i)))
		var c server.Credentials
		if err == nil {
			err = json.Unmarshal(made, &c)
		}
		if err != nil {
			return nil, err
		}
		a.ID, a.Root = c.AccountID, sigv4.Credentials{KeyID: c.AccessKeyID, Secret: c.SecretAccessKey}
	}
	for _, form := range [][]string{
		{"Action", "CreateUser", "UserName", "bench"},
		{"Action", "PutUserPolicy", "UserName", "bench", "PolicyName", "bench", "PolicyDocument", rights},
		{"Action", "CreateRole", "RoleName", "bench", "AssumeRolePolicyDocument", fmt.Sprintf(trusts, a.ID)},
		{"Action", "PutRolePolicy", "RoleName", "bench", "PolicyName", "bench", "PolicyDocument", rights},
	} {
		if _, err := Must(l, a.Root, "iam", form...); err != nil {
			return nil, err
		}
	}
	key, err := Must(l, a.Root, "iam", "Action", "CreateAccessKey", "UserName", "bench")
	a.User = sigv4.Credentials{KeyID: Between(key, "AccessKeyId"), Secret: Between(key, "SecretAccessKey")}
	a.Role = "arn:aws:iam::" + a.ID + ":role/bench"
	return a, err
}

// Must asks, and wants a 200.
func Must(l *Line, key sigv4.Credentials, service string, form ...string) ([]byte, error) {
	status, body, err := l.Do(Sign(key, service, form...))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%v: %d %s", form, status, body)
	}
	return body, err
}

// fillers is how many connections fill a world.
const fillers = 64

// Each does a job for every number below count, several at a time on lines to a node,
// and gives the first error.
func Each(ctx context.Context, n *Node, count int, job func(l *Line, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wait sync.WaitGroup
	for _, l := range NewLines(n.Address, min(count, fillers)) {
		wait.Go(func() {
			defer l.Close()
			for i := int(next.Add(1)) - 1; i < count && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := job(l, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}
