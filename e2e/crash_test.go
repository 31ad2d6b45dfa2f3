package e2e_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// TestKilled: what was acknowledged is there after kill -9, with its key, in
// the middle of many writers' work.
func TestKilled(t *testing.T) {
	t.Parallel()
	ctx, up, dir := context.Background(), newUpstream(t), t.TempDir()
	p := start(t, dir, anyPort, up)
	root := connect(p.url, rootKey(t, dir))
	const writers, enough = 8, 120
	var (
		acknowledged sync.Map // user name → access key
		count        atomic.Int64
		group        sync.WaitGroup
	)
	reached := make(chan struct{})
	for n := range writers {
		group.Go(func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("user-%d-%d", n, i)
				if _, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}); err != nil {
					return // killed
				}
				key, err := root.IAM.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name})
				if err != nil {
					acknowledged.Store(name, aws.Credentials{})
					return
				}
				acknowledged.Store(name, aws.Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey})
				if count.Add(1) == enough {
					close(reached)
				}
			}
		})
	}
	stopped := make(chan struct{})
	go func() { group.Wait(); close(stopped) }()
	select {
	case <-reached:
	case <-stopped:
		t.Fatalf("the writers stopped after %d users", count.Load())
	}
	p.kill(t)
	<-stopped

	p = start(t, dir, anyPort, up)
	root = connect(p.url, root.key)
	there := map[string]bool{}
	pages := iam.NewListUsersPaginator(root.IAM, &iam.ListUsersInput{})
	for pages.HasMorePages() {
		for _, u := range must[*iam.ListUsersOutput](t)(pages.NextPage(ctx)).Users {
			there[*u.UserName] = true
		}
	}
	tried := 0
	acknowledged.Range(func(name, key any) bool {
		if !there[name.(string)] {
			t.Errorf("%s is lost", name)
		}
		// A refusal by policy is one of a key that is known and good.
		if cred := key.(aws.Credentials); cred.AccessKeyID != "" && tried < 20 {
			tried++
			_, err := connect(p.url, cred).IAM.GetUser(ctx, &iam.GetUserInput{})
			wantRefused(t, "the key of "+name.(string), err, "AccessDenied", "is not authorized to perform: iam:GetUser")
		}
		return true
	})
	if len(there) < enough || tried == 0 {
		t.Errorf("%d users, %d keys tried", len(there), tried)
	}
	p.stop(t)
}
