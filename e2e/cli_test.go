package e2e_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// shell runs the real AWS CLI against one endpoint, with one key or profile.
type shell struct {
	path, url string
	home      string
	env       []string
	saw       *secrets
	args      []string
}

// newShell finds the AWS CLI and gives it an empty home.
func newShell(t *testing.T, url string, saw *secrets) shell {
	t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Fatalf("the AWS CLI is not on PATH: `make test` installs it (apt-get install awscli): %v", err)
	}
	return shell{path: path, url: url, home: t.TempDir(), saw: saw}
}

// as gives a shell with a key in its environment.
func (s shell) as(cred aws.Credentials) shell {
	s.saw.add(cred.SecretAccessKey, cred.SessionToken)
	s.env = []string{"AWS_ACCESS_KEY_ID=" + cred.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + cred.SecretAccessKey}
	if cred.SessionToken != "" {
		s.env = append(s.env, "AWS_SESSION_TOKEN="+cred.SessionToken)
	}
	return s
}

// profile gives a shell that uses a profile of its home.
func (s shell) profile(name string) shell {
	s.env, s.args = nil, []string{"--profile", name}
	return s
}

// files is where the CLI and the SDKs look for profiles.
func (s shell) files() []string {
	return []string{
		"HOME=" + s.home,
		"AWS_CONFIG_FILE=" + filepath.Join(s.home, "config"),
		"AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(s.home, "credentials"),
	}
}

func (s shell) exec(args []string) (stdout, stderr []byte, err error) {
	all := slices.Concat([]string{"--endpoint-url", s.url, "--region", region, "--output", "json"}, s.args, args)
	cmd := exec.Command(s.path, all...)
	// AWS_PAGER is empty, as version 2 would page; metadata is off, as no key
	// but the given one may count, unless env says otherwise.
	cmd.Env = slices.Concat(plainEnv(), s.files(), []string{
		"AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1",
	}, s.env)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.Bytes(), errs.Bytes(), err
}

// run runs a command that must succeed, and reads its JSON.
func (s shell) run(t *testing.T, args ...string) result {
	t.Helper()
	out, errs, err := s.exec(args)
	if err != nil {
		t.Fatalf("aws %s: %v\n%s%s", strings.Join(args, " "), err, out, errs)
	}
	r := result{text: string(out)}
	if len(bytes.TrimSpace(out)) > 0 {
		if err := json.Unmarshal(out, &r.value); err != nil {
			t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	for _, name := range []string{"SecretAccessKey", "SessionToken"} {
		for _, match := range regexp.MustCompile(`"`+name+`": "([^"]+)"`).FindAllStringSubmatch(r.text, -1) {
			s.saw.add(match[1])
		}
	}
	return r
}

// refused runs a command that must be refused with a code and words.
func (s shell) refused(t *testing.T, code, words string, args ...string) {
	t.Helper()
	out, errs, err := s.exec(args)
	if err == nil {
		t.Errorf("aws %s went through: %s", strings.Join(args, " "), out)
		return
	}
	if said := string(errs); !strings.Contains(said, "An error occurred ("+code+") when calling the ") || !strings.Contains(said, words) {
		t.Errorf("aws %s: %s; want (%s) and %q", strings.Join(args, " "), strings.TrimSpace(said), code, words)
	}
}

// result is what a command printed.
type result struct {
	text  string
	value any
}

// at follows a path of names and numbers; nil when it leads nowhere.
func (r result) at(path ...any) any {
	v := r.value
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

// str is a text at a path; it must be there.
func (r result) str(t *testing.T, path ...any) string {
	t.Helper()
	s, ok := r.at(path...).(string)
	if !ok || s == "" {
		t.Fatalf("no text at %v of %s", path, r.text)
	}
	return s
}

// want checks values at paths: path, value, path, value…, a path being names
// and numbers with dots between.
func (r result) want(t *testing.T, pairs ...any) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		var path []any
		for step := range strings.SplitSeq(pairs[i].(string), ".") {
			if n, err := json.Number(step).Int64(); err == nil {
				path = append(path, int(n))
			} else {
				path = append(path, step)
			}
		}
		got, err := json.Marshal(r.at(path...))
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(pairs[i+1])
		if err != nil {
			t.Fatal(err)
		}
		var plain any // so that members stand in the same order
		if err := json.Unmarshal(want, &plain); err != nil {
			t.Fatal(err)
		}
		if want, err = json.Marshal(plain); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is %s; want %s, in %s", pairs[i], got, want, r.text)
		}
	}
}

// key reads the keys that an answer holds.
func (r result) key(t *testing.T, member string) aws.Credentials {
	t.Helper()
	token, _ := r.at(member, "SessionToken").(string)
	return aws.Credentials{AccessKeyID: r.str(t, member, "AccessKeyId"), SecretAccessKey: r.str(t, member, "SecretAccessKey"), SessionToken: token}
}
