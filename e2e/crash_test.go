package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// survivors is what clients were told is done, over many lives of the program.
type survivors struct {
	mu       sync.Mutex
	users    map[string]aws.Credentials // by name; no key: none was acknowledged
	fresh    []string                   // users of the present life
	policies map[string]string          // by role: the newest statement that was acknowledged
}

func roleOf(n int) string { return fmt.Sprint("role-", n) }

// write makes users, with a key and a policy that names them each, until ctx ends or
// the program does.
func (s *survivors) write(ctx context.Context, c clients, life, n int) {
	for i := 0; ; i++ {
		name := fmt.Sprintf("user%03d%03d%05d", n, life, i) // in the order of time for each n
		if _, err := c.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}); err != nil {
			return
		}
		s.note(func() { s.users[name], s.fresh = aws.Credentials{}, append(s.fresh, name) })
		key, err := c.IAM.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name})
		if err != nil {
			return
		}
		s.note(func() {
			s.users[name] = aws.Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey}
		})
		document := `{"Version":"2012-10-17","Statement":[{"Sid":"` + name + `","Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}`
		if _, err := c.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String(roleOf(n)), PolicyName: aws.String("latest"), PolicyDocument: &document}); err != nil {
			return
		}
		s.note(func() { s.policies[roleOf(n)] = name })
	}
}

func (s *survivors) note(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// check checks that what the clients of the last life were told is there, and gives
// all users.
func (s *survivors) check(t *testing.T, c clients, url string) (there map[string]bool) {
	t.Helper()
	ctx := context.Background()
	there = map[string]bool{}
	pages := iam.NewListUsersPaginator(c.IAM, &iam.ListUsersInput{MaxItems: aws.Int32(1000)})
	for pages.HasMorePages() {
		for _, u := range must[*iam.ListUsersOutput](t)(pages.NextPage(ctx)).Users {
			there[*u.UserName] = true
		}
	}
	for name := range s.users {
		if !there[name] {
			t.Errorf("%s is lost", name)
		}
	}
	for _, name := range s.fresh {
		if s.users[name].AccessKeyID == "" {
			continue
		}
		if _, err := connect(url, s.users[name]).STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err != nil {
			t.Errorf("the key of %s: %v", name, err)
		}
	}
	for role, name := range s.policies {
		if got := statementOf(t, c, role); got < name {
			t.Errorf("%s has the policy of %s, that of %s was acknowledged", role, got, name)
		}
	}
	s.fresh = nil
	return there
}

// statementOf is the id of the statement that a role's policy has, which is a user's
// name.
func statementOf(t *testing.T, c clients, role string) string {
	t.Helper()
	out := must[*iam.GetRolePolicyOutput](t)(c.IAM.GetRolePolicy(context.Background(), &iam.GetRolePolicyInput{RoleName: &role, PolicyName: aws.String("latest")}))
	text, err := url.QueryUnescape(*out.PolicyDocument)
	if err != nil {
		t.Fatal(err)
	}
	var document struct{ Statement []struct{ Sid string } }
	if err := json.Unmarshal([]byte(text), &document); err != nil || len(document.Statement) != 1 {
		t.Fatalf("%s: %v", text, err)
	}
	return document.Statement[0].Sid
}

// TestKilled: what was acknowledged is there after kill -9, with its key and its
// event, in the middle of many writers' work, again and again; and no event tells of
// what is not there.
func TestKilled(t *testing.T) {
	t.Parallel()
	const writers, kills = 8, 15
	ctx, up, dir := context.Background(), newUpstream(t), t.TempDir()
	events := filepath.Join(t.TempDir(), "events")
	sink := `IAMD_AUDIT_SINKS=[{"file": "` + events + `"}]`
	s := &survivors{users: map[string]aws.Credentials{}, policies: map[string]string{}}
	p := start(t, dir, anyPort, up, sink)
	key := rootKey(t, dir)
	root := connect(p.url, key)
	for n := range writers {
		must[*iam.CreateRoleOutput](t)(root.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String(roleOf(n)), AssumeRolePolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}))
	}
	var starting time.Duration
	logs := 0
	for life := range kills {
		writing, stop := context.WithCancel(ctx)
		var group sync.WaitGroup
		for n := range writers {
			group.Go(func() { s.write(writing, root, life, n) })
		}
		<-time.After(100*time.Millisecond + rand.N(400*time.Millisecond))
		p.kill(t)
		stop() // those who would try again
		group.Wait()
		if info, err := os.Stat(filepath.Join(dir, "iamd.db-wal")); err == nil && info.Size() > 0 {
			logs++
		}
		begun := time.Now()
		p = start(t, dir, anyPort, up, sink)
		starting += time.Since(begun)
		if now := rootKey(t, dir); now != key {
			t.Error("the file of the root user's key has changed")
		}
		root = connect(p.url, key)
		s.check(t, root, p.url)
	}
	there := s.check(t, root, p.url)
	if logs == 0 {
		t.Error("no life left a log to start from")
	}

	// What is there, by its kind and name, and what the events tell of.
	state := map[string]bool{}
	for n := range writers {
		if _, ok := s.policies[roleOf(n)]; ok {
			state["PutRolePolicy "+statementOf(t, root, roleOf(n))] = true
		}
	}
	for name := range there {
		state["CreateUser "+name] = true
		for _, k := range must[*iam.ListAccessKeysOutput](t)(root.IAM.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &name})).AccessKeyMetadata {
			state["CreateAccessKey "+*k.AccessKeyId] = true
		}
	}
	p.stop(t)
	told := eventsOf(t, events)
	for what := range state {
		if !told[what] {
			t.Errorf("no event tells of %s", what)
		}
	}
	for what := range told {
		if !state[what] && !strings.HasPrefix(what, "PutRolePolicy") { // which later ones replace
			t.Errorf("an event tells of %s, which is not there", what)
		}
	}
	if len(s.users) == 0 || len(s.policies) == 0 {
		t.Errorf("%d users, %d policies", len(s.users), len(s.policies))
	}
	t.Logf("%d kills, %d of them left a log: %d users were acknowledged, %d are there; from start to taking requests %d ms on average",
		kills, logs, len(s.users), len(there), starting.Milliseconds()/kills)
}

// eventsOf are the writes that a sink's file tells of.
func eventsOf(t *testing.T, path string) map[string]bool {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	told := map[string]bool{}
	lines := bufio.NewScanner(f)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var e struct {
			EventName, ErrorCode string
			RequestParameters    struct{ UserName, PolicyDocument string }
			ResponseElements     struct{ AccessKey struct{ AccessKeyID string } }
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Logf("a line that was broken off: %v", err)
			continue
		}
		switch {
		case e.ErrorCode != "":
		case e.EventName == "CreateUser":
			told["CreateUser "+e.RequestParameters.UserName] = true
		case e.EventName == "CreateAccessKey":
			told["CreateAccessKey "+e.ResponseElements.AccessKey.AccessKeyID] = true
		case e.EventName == "PutRolePolicy":
			_, sid, _ := strings.Cut(e.RequestParameters.PolicyDocument, `"Sid":"`)
			sid, _, _ = strings.Cut(sid, `"`)
			told["PutRolePolicy "+sid] = true
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return told
}

// TestKilledAtFirst: however far the very first start came when it was killed, the
// next one succeeds, and the key that is in the file then works; one that was there
// before stays.
func TestKilledAtFirst(t *testing.T) {
	t.Parallel()
	up, iamd := newUpstream(t), binary(t)
	begun := time.Now()
	p := start(t, t.TempDir(), anyPort, up)
	span := max(300*time.Millisecond, time.Since(begun))
	p.stop(t)
	left := 0
	for range 10 {
		dir := filepath.Join(t.TempDir(), "data")
		first := exec.Command(iamd, "serve", "--data-dir", dir, "--listen", anyPort)
		first.Env = append(plainEnv(), "IAMD_ACCOUNT_ID="+account)
		if err := first.Start(); err != nil {
			t.Fatal(err)
		}
		<-time.After(rand.N(span))
		if err := first.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = first.Wait() // as it was killed
		file := filepath.Join(dir, "root-credentials.csv")
		before, _ := os.ReadFile(file) // it may not be there yet
		p := start(t, dir, anyPort, up)
		key := rootKey(t, dir)
		if len(before) > 0 {
			left++
			if !strings.Contains(string(before), key.AccessKeyID+","+key.SecretAccessKey) {
				t.Error("the key that the first start left was replaced")
			}
		}
		who := must[*sts.GetCallerIdentityOutput](t)(connect(p.url, key).STS.GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{}))
		if *who.Arn != "arn:aws:iam::"+account+":root" {
			t.Errorf("the key is of %s", *who.Arn)
		}
		p.stop(t)
	}
	t.Logf("10 first starts were killed within %d ms; %d had left a key", span.Milliseconds(), left)
}
