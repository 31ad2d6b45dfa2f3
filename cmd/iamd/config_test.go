package main

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

const sample = `
data_dir: /var/lib/iamd
listen: 127.0.0.1:1
trusted_proxies: [10.0.0.0/8]
log: {level: debug}
quotas: {UsersPerAccount: 7, GroupsPerUser: 3}
gateway:
  listen: 127.0.0.1:2
  max_body: 1000
  body_timeout: 5s
  apis:
    - id: orders
      account: 000000000012
      region: us-east-1
      hosts: [api.example.com]
      upstream: http://127.0.0.1:8080
      resource_policy:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*"}
    - id: reports
      account: "210987654321"
      upstream: http://127.0.0.1:8081
      resource_policy: '{"Version":"2012-10-17"}'
`

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "iamd.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPrecedence(t *testing.T) {
	file := write(t, sample)
	t.Setenv("IAMD_CONFIG", file)
	t.Setenv("IAMD_LISTEN", "127.0.0.1:10")
	t.Setenv("IAMD_DATA_DIR", "/from/env")
	t.Setenv("IAMD_TRUSTED_PROXIES", "192.0.2.1, 2001:db8::/32")
	t.Setenv("IAMD_GATEWAY_BODY_TIMEOUT", "7s")
	t.Setenv("IAMD_QUOTAS", `{"RolesPerAccount": 9}`)
	var f flags
	f.bind(pflag.NewFlagSet("", pflag.ContinueOnError), true)
	if err := f.set.Parse([]string{"--data-dir", "/from/flag"}); err != nil {
		t.Fatal(err)
	}
	c, err := f.config()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct{ what, got, want any }{
		{"flag over environment", c.DataDir, "/from/flag"},
		{"environment over file", c.Listen, "127.0.0.1:10"},
		{"file over default", c.Log.Level, "debug"},
		{"default", c.Log.Format, "text"},
		{"list", c.TrustedProxies, []string{"192.0.2.1", "2001:db8::/32"}},
		{"duration", c.Gateway.BodyTimeout, 7 * time.Second},
		{"number", c.Gateway.MaxBody, int64(1000)},
		{"account with zeros", string(c.Gateway.APIs[0].Account), "000000000012"},
		{"account in quotes", string(c.Gateway.APIs[1].Account), "210987654321"},
		{"policy as YAML", strings.Contains(string(c.Gateway.APIs[0].ResourcePolicy), `"Effect":"Allow"`), true},
		{"policy as JSON", string(c.Gateway.APIs[1].ResourcePolicy), `{"Version":"2012-10-17"}`},
	} {
		if !reflect.DeepEqual(s.got, s.want) {
			t.Errorf("%s: %v, want %v", s.what, s.got, s.want)
		}
	}
	q, _, err := c.quotas()
	if err != nil || q.Roles != 9 || q.Users != 5000 {
		t.Errorf("quotas %+v %v: the environment's stand for the file's", q, err)
	}
}

// TestConfigErrorsTellNoSecret: what is wrong is told by its place, not by the lines
// around it, in which a password may stand.
func TestConfigErrorsTellNoSecret(t *testing.T) {
	const store = "store: postgres://iamd:HUNTER2@db/iamd\n"
	for _, c := range []struct{ text, env, place string }{
		{store + "listn: x", "", "[2:1]"},
		{store + "limits: {per_address: {rate: many}}", "", "[2:"},
		{store + "store: x", "", "[2:1]"},
		{store + "a: [", "", "[2:"},
		{store + "tls: 'x", "", "["},
		{"audit: {history: }\n " + store, "", "["},
		{"", "IAMD_GATEWAY_APIS=[{id: HUNTER2, idd: a}]", "[1:"},
	} {
		_, err := load(write(t, c.text), []string{c.env, "OTHER=1"})
		if err == nil || strings.Contains(err.Error(), "HUNTER2") || !strings.Contains(err.Error(), c.place) {
			t.Errorf("%q %q: %v", c.text, c.env, err)
		}
	}
}

func TestStrictness(t *testing.T) {
	for _, c := range []struct{ name, text, env, says string }{
		{"unknown key", "listn: x", "", "unknown field"},
		{"unknown key below", "gateway: {apis: [{id: a, acount: b}]}", "", "unknown field"},
		{"twice", "listen: a\nlisten: b", "", "listen"},
		{"two documents", "listen: a\n---\nlisten: b", "", "more than one"},
		{"wrong type", "gateway: {max_body: lots}", "", "max_body"},
		{"no YAML", "a: [", "", "config"},
		{"policy of another kind", "gateway: {apis: [{resource_policy: [1]}]}", "", "JSON text or a mapping"},
		{"unknown variable", "", "IAMD_LISTN=x", "IAMD_LISTN"},
		{"secret's neighbour", "", "IAMD_ROOT_SECRET=x", "IAMD_ROOT_SECRET_ACCESS_KEY"},
		{"bad variable", "", "IAMD_GATEWAY_MAX_BODY=many", "IAMD_GATEWAY_MAX_BODY"},
		{"bad list", "", "IAMD_GATEWAY_APIS=[{idd: a}]", "unknown field"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(write(t, c.text), []string{c.env, "OTHER=1"})
			if err == nil || !strings.Contains(err.Error(), c.says) || !errors.As(err, new(*usageError)) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
	if _, err := load(filepath.Join(t.TempDir(), "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if c, err := load(write(t, "# nothing\nlog:\n"), []string{"IAMD_TRUSTED_PROXIES="}); err != nil || !reflect.DeepEqual(c, defaults()) {
		t.Errorf("an empty file: %+v %v", c, err)
	}
	for name, n := range map[string]int{"User": 1, "users": 1, "UsersPerAccount": 0, "GroupsPerUser": maxQuota + 1} {
		if _, _, err := (&config{Quotas: map[string]int{name: n}}).quotas(); err == nil {
			t.Errorf("quota %s: %d", name, n)
		}
	}
}

// Every key of the file has its variable.
func TestEveryKeyHasAVariable(t *testing.T) {
	var c config
	have := map[string]bool{}
	for _, s := range c.settings() {
		have[s.key] = true
	}
	var walk func(prefix string, typ reflect.Type)
	walk = func(prefix string, typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			key := prefix + f.Tag.Get("yaml")
			if f.Type.Kind() == reflect.Struct {
				walk(key+".", f.Type)
			} else if !have[key] {
				t.Errorf("%s has no variable", key)
			}
		}
	}
	walk("", reflect.TypeFor[config]())
}
