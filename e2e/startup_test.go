package e2e_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// BenchmarkStartup reports how long it is from a process's start to its first
// signed answer on a store of 1,000 users, what it holds in memory a second
// later when nobody asks for anything, and after reading all users.
func BenchmarkStartup(b *testing.B) {
	ctx, up, dir := context.Background(), newUpstream(b), b.TempDir()
	p := start(b, dir, anyPort, up)
	root := connect(p.url, rootKey(b, dir))
	fill(b, root, 1000)
	p.stop(b)
	var first time.Duration
	var idle, read float64
	for b.Loop() {
		begun := time.Now()
		p := start(b, dir, anyPort, up)
		c := connect(p.url, root.key)
		if _, err := c.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err != nil {
			b.Fatal(err)
		}
		first += time.Since(begun)
		<-time.After(time.Second)
		idle += resident(b, p)
		users := 0
		pages := iam.NewListUsersPaginator(c.IAM, &iam.ListUsersInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				b.Fatal(err)
			}
			users += len(page.Users)
		}
		if users != 1000 {
			b.Fatalf("%d users", users)
		}
		read += resident(b, p)
		p.stop(b)
	}
	n := float64(b.N)
	b.ReportMetric(float64(first.Microseconds())/1000/n, "ms-to-first-answer")
	b.ReportMetric(idle/n, "MB-idle")
	b.ReportMetric(read/n, "MB-after-list")
	b.ReportMetric(0, "ns/op") // would count the idle second
}

// fill makes users, each with a key and a policy.
func fill(b *testing.B, root clients, users int) {
	b.Helper()
	ctx := context.Background()
	names := make(chan string)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for name := range names {
				_, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
				if err == nil {
					_, err = root.IAM.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name})
				}
				if err == nil {
					_, err = root.IAM.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
						UserName: &name, PolicyName: aws.String("verify"), PolicyDocument: aws.String(verifyPolicy),
					})
				}
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range users {
		names <- fmt.Sprintf("user-%04d", i)
	}
	close(names)
	group.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

var residentLine = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// resident is what a process holds in memory, in MB.
func resident(b *testing.B, p *process) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	match := residentLine.FindSubmatch(status)
	if match == nil {
		b.Fatalf("no VmRSS in %s", status)
	}
	kilobytes, err := strconv.ParseFloat(string(match[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes / 1000
}
