package workload_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"iamd/iam"
	"iamd/sts"
	"iamd/workload"
)

const at = "http://127.0.0.1:4568/v1/credentials"

// containers opens the door for one task, batch, and gives its token.
func (w *world) containers(tasks ...workload.Task) (*workload.Containers, string) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "tasks", "batch.token")
	c, err := workload.NewContainers(workload.Container{
		Region: "eu-west-1", Tasks: append(tasks, workload.Task{Name: "batch", Role: worker, TokenFile: file}),
	}, w.deps)
	if err != nil {
		w.t.Fatal(err)
	}
	token, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	return c, string(token)
}

type taskKeys struct{ RoleArn, AccessKeyId, SecretAccessKey, Token, Expiration string }

func keysOf(t *testing.T, a *httptest.ResponseRecorder) (k taskKeys) {
	t.Helper()
	if err := json.Unmarshal(a.Body.Bytes(), &k); err != nil || a.Code != http.StatusOK {
		t.Fatalf("%d %s: %v", a.Code, a.Body, err)
	}
	return k
}

// TestTaskKeys: six hours of the role's keys, whatever its longest session; the same
// until a quarter of an hour is left.
func TestTaskKeys(t *testing.T) {
	w := newWorld(t)
	c, token := w.containers()
	a := ask(c, "GET", at+"/batch", "Authorization", token)
	first := keysOf(t, a)
	if first.RoleArn != worker || first.Expiration != "2026-11-01T18:00:00Z" || a.Header().Get("Content-Type") != "application/json" || a.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%v %+v", a.Header(), first)
	}
	var members map[string]string
	if err := json.Unmarshal(a.Body.Bytes(), &members); err != nil || len(members) != 5 {
		t.Errorf("%s: %v", a.Body, err)
	}
	s := w.session(first.AccessKeyId, first.Token)
	if s.Kind != sts.AssumedRole || s.Secret != first.SecretAccessKey || !regexp.MustCompile("^[0-9a-f]{32}$").MatchString(s.Name) || len(s.Keys) != 0 {
		t.Errorf("%+v", s)
	}
	w.pass(5*time.Hour + 45*time.Minute)
	if again := keysOf(t, ask(c, "GET", at+"/batch", "Authorization", token)); again != first {
		t.Errorf("with a quarter of an hour left: %+v, then %+v", first, again)
	}
	w.pass(time.Second)
	second := keysOf(t, ask(c, "GET", at+"/batch", "Authorization", token))
	if second.AccessKeyId == first.AccessKeyId || second.Expiration != "2026-11-01T23:45:01Z" {
		t.Errorf("with less left: %+v", second)
	}
	if s := w.session(second.AccessKeyId, second.Token); s.Name != w.session(first.AccessKeyId, first.Token).Name {
		t.Errorf("another session: %s", s.Name)
	}
	if len(w.events) != 2 {
		t.Fatalf("%d events of two issues", len(w.events))
	}
	event := string(w.events[0].AppendJSON(nil))
	for _, part := range []string{
		`"userIdentity":{"type":"AWSService","invokedBy":"ecs-tasks.amazonaws.com"}`, `"eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":"eu-west-1"`,
		`"sourceIPAddress":"ecs-tasks.amazonaws.com","userAgent":"ecs-tasks.amazonaws.com"`, `"roleArn":"` + worker + `"`, `"roleSessionName":"` + s.Name + `"`,
		`"accessKeyId":"` + first.AccessKeyId + `"`, `"recipientAccountId":"` + account + `"`, `"readOnly":true`,
	} {
		if !strings.Contains(event, part) {
			t.Errorf("no %s in %s", part, event)
		}
	}
	if strings.Contains(event, first.SecretAccessKey) || strings.Contains(event, first.Token) {
		t.Errorf("a secret stands in %s", event)
	}
	if w.seen["containerOK"] != 3 {
		t.Errorf("counted: %v", w.seen)
	}
}

// TestTasksApart: many calls at once get the one set of keys of their task, and no
// task another's.
func TestTasksApart(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "other")
	c, token := w.containers(workload.Task{Name: "other", Role: worker, TokenFile: file, SessionName: "my-task"})
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{"batch": token, "other": string(b)}
	var mu sync.Mutex
	var all sync.WaitGroup
	got := map[string]map[string]bool{"batch": {}, "other": {}}
	for range 50 {
		for name, token := range tokens {
			all.Go(func() {
				a := ask(c, "GET", at+"/"+name, "Authorization", token)
				mu.Lock()
				defer mu.Unlock()
				got[name][a.Body.String()] = true
			})
		}
	}
	all.Wait()
	if len(got["batch"]) != 1 || len(got["other"]) != 1 {
		t.Errorf("%d and %d sets of keys", len(got["batch"]), len(got["other"]))
	}
	k := keysOf(t, ask(c, "GET", at+"/other", "Authorization", tokens["other"]))
	if s := w.session(k.AccessKeyId, k.Token); s.Name != "my-task" {
		t.Errorf("session %s", s.Name)
	}
	if a := ask(c, "GET", at+"/other", "Authorization", tokens["batch"]); a.Code != http.StatusUnauthorized {
		t.Errorf("with another task's token: %d %s", a.Code, a.Body)
	}
}

// TestTaskRefusals: what is refused, in the agent's form.
func TestTaskRefusals(t *testing.T) {
	w := newWorld(t)
	c, token := w.containers()
	const nobody = `{"code":"AccessDeniedException","message":"CredentialsV1Request: No task has this name and the token of the Authorization header","HTTPErrorCode":401}`
	for name, q := range map[string]struct {
		method, target string
		header         []string
		status         int
		body           string
	}{
		"no token":        {"GET", at + "/batch", nil, 401, nobody},
		"empty":           {"GET", at + "/batch", []string{"Authorization", ""}, 401, nobody},
		"wrong":           {"GET", at + "/batch", []string{"Authorization", token[1:] + "A"}, 401, nobody},
		"bearer":          {"GET", at + "/batch", []string{"Authorization", "Bearer " + token}, 401, nobody},
		"twice":           {"GET", at + "/batch", []string{"Authorization", token, "Authorization", token}, 401, nobody},
		"in the query":    {"GET", at + "/batch?Authorization=" + token, nil, 401, nobody},
		"other name":      {"GET", at + "/nightly", []string{"Authorization", token}, 401, nobody},
		"deeper":          {"GET", at + "/batch/", []string{"Authorization", token}, 401, nobody},
		"no name":         {"GET", at, []string{"Authorization", token}, 400, `{"code":"NoIdInRequest","message":"CredentialsV1Request: No ID in the request","HTTPErrorCode":400}`},
		"no name, slash":  {"GET", at + "/", []string{"Authorization", token}, 400, `"code":"NoIdInRequest"`},
		"POST":            {"POST", at + "/batch", []string{"Authorization", token}, 405, `"code":"MethodNotAllowed"`},
		"HEAD":            {"HEAD", at + "/batch", []string{"Authorization", token}, 405, `"code":"MethodNotAllowed"`},
		"other path":      {"GET", "http://127.0.0.1/v1/credentialsbatch", []string{"Authorization", token}, 404, `"code":"NotFound"`},
		"root":            {"GET", "http://127.0.0.1/", []string{"Authorization", token}, 404, `"code":"NotFound"`},
		"escaped":         {"GET", at + "%2Fbatch", []string{"Authorization", token}, 404, `"code":"NotFound"`},
		"rebinding":       {"GET", at + "/batch", []string{"Host", "keys.example.com", "Authorization", token}, 403, `"code":"UnknownHost"`},
		"rebinding, port": {"GET", at + "/batch", []string{"Host", "127.0.0.1.example.com:4568", "Authorization", token}, 403, `"code":"UnknownHost"`},
		"no host":         {"GET", at + "/batch", []string{"Host", "", "Authorization", token}, 403, `"code":"UnknownHost"`},
	} {
		t.Run(name, func(t *testing.T) {
			a := ask(c, q.method, q.target, q.header...)
			if a.Code != q.status || !strings.Contains(a.Body.String(), q.body) || a.Header().Get("Location") != "" {
				t.Errorf("%d %s; want %d %s", a.Code, a.Body, q.status, q.body)
			}
		})
	}
	for _, host := range []string{"127.0.0.1:4568", "localhost", "LOCALHOST:80", "a.localhost", "[::1]:4568", "169.254.170.2", "[fd00:ec2::23]", "iamd:4568"} {
		if a := ask(c, "GET", at+"/batch", "Host", host, "Authorization", token); a.Code != http.StatusOK {
			t.Errorf("as %s: %d %s", host, a.Code, a.Body)
		}
	}
}

// TestTaskRole: who takes the role away, or its trust, ends what the task gets at
// once, and the account hears once of each cause.
func TestTaskRole(t *testing.T) {
	w := newWorld(t)
	c, token := w.containers()
	get := func() *httptest.ResponseRecorder { return ask(c, "GET", at+"/batch", "Authorization", token) }
	trust := func(text string) {
		w.change(func(d *iam.Draft) error { return d.UpdateAssumeRolePolicy("Worker", text) })
	}
	first := keysOf(t, get())
	trust(trusting("ec2.amazonaws.com"))
	const denied = `{"code":"AccessDeniedException","message":"User: ecs-tasks.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ` + worker + ` because no role trust policy allows the sts:AssumeRole action","HTTPErrorCode":403}`
	for range 3 {
		if a := get(); a.Code != http.StatusForbidden || a.Body.String() != denied {
			t.Errorf("without trust: %d %s", a.Code, a.Body)
		}
	}
	if e := w.events[len(w.events)-1]; len(w.events) != 2 || e.ErrorCode != "AccessDenied" || e.ResponseElements != nil || !strings.HasPrefix(e.ErrorMessage, "User: ecs-tasks.amazonaws.com is not") {
		t.Errorf("%d events, at last %s", len(w.events), e.AppendJSON(nil))
	}
	trust(strings.Replace(trusting("ecs-tasks.amazonaws.com"), `"Action"`,
		`"Condition":{"StringEquals":{"aws:SourceAccount":"`+account+`"},"ArnLike":{"aws:SourceArn":"arn:aws:ecs:eu-west-1:`+account+`:*"}},"Action"`, 1))
	second := keysOf(t, get())
	if second.AccessKeyId == first.AccessKeyId {
		t.Error("the keys from before")
	}
	w.change(func(d *iam.Draft) error {
		if err := d.RemoveRoleFromInstanceProfile("Web", "Worker"); err != nil {
			return err
		}
		return d.DeleteRole("Worker")
	})
	if a := get(); a.Code != http.StatusNotFound || !strings.Contains(a.Body.String(), `"code":"NoCredentialsAssociated"`) {
		t.Errorf("without the role: %d %s", a.Code, a.Body)
	}
	w.change(func(d *iam.Draft) error {
		_, err := d.CreateRole(iam.NewRole{Name: "Worker", Trust: trusting("ecs-tasks.amazonaws.com")})
		return err
	})
	third := keysOf(t, get())
	role, _ := w.account.RoleByARN(worker)
	if s := w.session(third.AccessKeyId, third.Token); s.UniqueID != role.ID {
		t.Errorf("of the role that was: %+v", s)
	}
}

// TestGuesses: who guesses has to wait, even with the right token then; others at
// another address need not, and names that are made up close no task's door.
func TestGuesses(t *testing.T) {
	w := newWorld(t)
	c, token := w.containers()
	from := func(address, name, token string) int {
		r := httptest.NewRequest("GET", at+"/"+name, nil)
		r.RemoteAddr = address
		r.Header.Set("Authorization", token)
		a := httptest.NewRecorder()
		c.ServeHTTP(a, r)
		return a.Code
	}
	for i := range 20 {
		if got := from("192.0.2.1:1000", "batch", "guess-"+strconv.Itoa(i)); got != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d", i, got)
		}
		if got := from("192.0.2.2:1000", "made-up-"+strconv.Itoa(i), token); got != http.StatusUnauthorized {
			t.Fatalf("name %d: %d", i, got)
		}
		if got := from("[2001:db8::"+strconv.Itoa(i)+"]:1", "batch", "guess"); got != http.StatusUnauthorized {
			t.Fatalf("IPv6 address %d: %d", i, got)
		}
	}
	for address, want := range map[string]int{
		"192.0.2.1:2000": http.StatusTooManyRequests, "[::ffff:192.0.2.1]:1": http.StatusTooManyRequests, "[2001:db8::ffff]:1": http.StatusTooManyRequests,
		"192.0.2.2:1": http.StatusOK, "192.0.2.3:1": http.StatusOK, "[2001:db8:0:1::1]:1": http.StatusOK,
	} {
		if got := from(address, "batch", token); got != want {
			t.Errorf("the right token from %s: %d, want %d", address, got, want)
		}
	}
	if got := from("192.0.2.2:1", "made-up", token); got != http.StatusTooManyRequests {
		t.Errorf("one more name: %d", got)
	}
	w.pass(time.Minute)
	if got := from("192.0.2.1:2000", "batch", token); got != http.StatusOK {
		t.Errorf("a minute later: %d", got)
	}
}

// TestTokenFile: the file is made for its owner alone, may be rotated, and is no
// token when others can read it or it is too short.
func TestTokenFile(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "made", "batch.token")
	cfg := workload.Container{Tasks: []workload.Task{{Name: "batch", Role: worker, TokenFile: file}}}
	c, err := workload.NewContainers(cfg, w.deps)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	first, readErr := os.ReadFile(file)
	if err != nil || readErr != nil || info.Mode().Perm() != 0o600 || !regexp.MustCompile(`^[\w-]{43}$`).Match(first) {
		t.Fatalf("%v %q: %v, %v", info, first, err, readErr)
	}
	if _, err := workload.NewContainers(cfg, w.deps); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(file); err != nil || string(again) != string(first) {
		t.Errorf("a second start: %q, %v", again, err)
	}
	status := func(token string) int { return ask(c, "GET", at+"/batch", "Authorization", token).Code }
	const second = "0123456789abcdef0123456789abcdef"
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(second + "\n")
	if status(second) != http.StatusOK || status(string(first)) != http.StatusUnauthorized {
		t.Errorf("rotated: %d, %d", status(second), status(string(first)))
	}
	for name, bad := range map[string]func() string{
		"short":      func() string { write(second[1:]); return second[1:] },
		"empty":      func() string { write(""); return "" },
		"spaces":     func() string { write(second + " x"); return second + " x" },
		"two lines":  func() string { write(second + "\n" + second); return second },
		"for others": func() string { write(second); _ = os.Chmod(file, 0o640); return second },
		"a folder":   func() string { _ = os.Remove(file); _ = os.Mkdir(file, 0o700); return "" },
		"long":       func() string { write(strings.Repeat("x", 5000)); return strings.Repeat("x", 5000) },
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := workload.NewContainers(workload.Container{Tasks: []workload.Task{{Name: "batch", Role: worker, TokenFile: file + name}}}, w.deps)
			if err := os.Rename(file+name, file); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(file, file+name); err != nil {
				t.Fatal(err)
			}
			token := bad()
			if a := ask(c, "GET", at+"/batch", "Authorization", token); a.Code != http.StatusUnauthorized {
				t.Errorf("%d %s", a.Code, a.Body)
			}
			if _, err := workload.NewContainers(cfg, w.deps); err == nil || !strings.Contains(err.Error(), "workloads.container.tasks[0].token_file: ") {
				t.Errorf("at a start: %v", err)
			}
			if err := os.RemoveAll(file); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestContainerConfiguration: what can't be meant is refused, by its key.
func TestContainerConfiguration(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "token")
	good := workload.Task{Name: "batch", Role: worker, TokenFile: file}
	for want, change := range map[string]func(*workload.Container){
		"container.region":                              func(c *workload.Container) { c.Region = "Ireland" },
		"container.tasks[0].name":                       func(c *workload.Container) { c.Tasks[0].Name = "a/b" },
		"container.tasks[0].name: \"..\"":               func(c *workload.Container) { c.Tasks[0].Name = ".." },
		"container.tasks[1].name: \"batch\" is another": func(c *workload.Container) { c.Tasks = append(c.Tasks, good) },
		"container.tasks[0].role":                       func(c *workload.Container) { c.Tasks[0].Role = "Worker" },
		"container.tasks[0].role: ":                     func(c *workload.Container) { c.Tasks[0].Role = profile },
		"container.tasks[0].session_name":               func(c *workload.Container) { c.Tasks[0].SessionName = "a b" },
		"container.tasks[0].token_file: missing":        func(c *workload.Container) { c.Tasks[0].TokenFile = "" },
		"container.tasks[0].token_file: ":               func(c *workload.Container) { c.Tasks[0].TokenFile = "/dev/null/x" },
	} {
		cfg := workload.Container{Tasks: []workload.Task{good}}
		change(&cfg)
		if _, err := workload.NewContainers(cfg, w.deps); err == nil || !strings.HasPrefix(err.Error(), "workloads."+want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
