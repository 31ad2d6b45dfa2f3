package e2e_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/goccy/go-yaml"
)

// TestConsoleShell leads every life by the console's shell, as a person at its
// prompt would, and holds what it printed of each noun's fullest answer against
// what the AWS CLI prints of the same answer, in each format. The CLI is given
// the server's answers again, so that both had the very same; and what it asked
// for must be what the shell asked for.
func TestConsoleShell(t *testing.T) {
	t.Parallel()
	node := startShell(t)
	w := newWorld(t, withDelegation(t))
	files, err := fs.Glob(lives, "life/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no lives: %v", err)
	}
	for _, file := range files {
		noun := strings.TrimSuffix(path.Base(file), ".yaml")
		t.Run(noun, func(t *testing.T) {
			t.Parallel()
			text, err := lives.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			l := life{Noun: noun}
			if err := yaml.UnmarshalWithOptions(text, &l, yaml.Strict()); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			p := &prompt{t: t, node: node}
			lead(t, w, l, func(_ *testing.T, url string) client {
				p.url = url
				return p
			})
			p.compare()
		})
	}
}

// TestConsoleShellEvents looks up by the shell what others called, page by page,
// and holds what it printed against what the AWS CLI prints.
func TestConsoleShellEvents(t *testing.T) {
	t.Parallel()
	made := func(name string) step { return step{Call: "iam CreateUser", With: map[string]any{"UserName": name}} }
	creations := map[string]any{
		"StartTime":        "2020-01-01T00:00:00Z",
		"LookupAttributes": []any{map[string]any{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}},
	}
	p := &prompt{t: t, node: startShell(t)}
	lead(t, newWorld(t), life{
		Noun:  "event",
		Given: []step{made("ink"), made("pen"), made("quill")},
		Steps: []step{
			{Call: "cloudtrail LookupEvents", With: map[string]any{"MaxResults": 51}, Refused: "InvalidMaxResultsException"},
			{
				Pages: "cloudtrail LookupEvents", Size: 1, Stop: 2, With: creations,
				Want: map[string]any{
					"Events.#": 3, "Events.0.EventName": "CreateUser", "Events.0.ReadOnly": "false", "Events.0.Username": "root",
					"Events.0.EventSource": "iam.amazonaws.com", "Events.2.CloudTrailEvent": `~"userName":"(ink|pen|quill)"`,
				},
			},
			{Call: "cloudtrail LookupEvents", With: creations, Want: map[string]any{"Events.#": 3}},
		},
	}, func(_ *testing.T, url string) client {
		p.url = url
		return p
	})
	p.compare()
}

// prompt is a person at the shell, who keeps the command with the fullest answer.
type prompt struct {
	t       *testing.T
	url     string
	node    *shellInNode
	fullest journal
}

// journal is a command that was run, what it printed, and the calls that it made.
type journal struct {
	words []string
	said  string
	calls []exchange
}

func (p *prompt) spares(step) bool { return false }

var refusedInShell = regexp.MustCompile(`^\nAn error occurred \((\w+)\) when calling the \w+ operation: `)

func (p *prompt) do(s step, cred aws.Credentials) (any, string, error) {
	service, operation := s.named()
	words := []string{service, kebab(operation)}
	if s.Wait != "" {
		words = []string{service, "wait", kebab(operation)}
	}
	options, err := commandOptions(s.With)
	if err != nil {
		return nil, "", err
	}
	words = append(words, options...)
	if s.Pages != "" {
		words = append(words, "--page-size", fmt.Sprint(s.Size))
	}
	if s.Stop == 0 {
		return p.enter(words, operation, cred)
	}
	all, warnings, err := p.enter(append(slices.Clone(words), "--max-items", fmt.Sprint(s.Stop)), operation, cred)
	if err != nil {
		return all, warnings, err
	}
	token, ok := follow(all, "NextToken").(string)
	if !ok {
		return all, warnings, errors.New("a list that was not at its end has no NextToken")
	}
	rest, more, err := p.enter(append(words, "--starting-token", token), operation, cred)
	return together(all.(map[string]any), rest), warnings + more, err
}

// enter runs a line and reads what it printed, as JSON.
func (p *prompt) enter(words []string, operation string, cred aws.Credentials) (any, string, error) {
	device := operation == "CreateVirtualMFADevice"
	if device {
		words = append(words, "--outfile", "seed", "--bootstrap-method", "Base32StringSeed")
	}
	keys := map[string]string{"accessKeyId": cred.AccessKeyID, "secretAccessKey": cred.SecretAccessKey}
	if cred.SessionToken != "" {
		keys["sessionToken"] = cred.SessionToken
	}
	calls, out, err := p.recorded(typed{Words: words, Credentials: keys})
	if err != nil {
		return nil, "", err
	}
	if m := refusedInShell.FindStringSubmatch(out.Stderr); m != nil && out.Code == 254 {
		return nil, "", &refusal{m[1], strings.TrimSpace(strings.TrimPrefix(out.Stderr, m[0]))}
	}
	if out.Code != 0 {
		return nil, "", fmt.Errorf("aws %s: %d: %s", strings.Join(words, " "), out.Code, out.Stderr)
	}
	if !device && len(out.Stdout) > len(p.fullest.said) {
		p.fullest = journal{words, out.Stdout, calls}
	}
	answer, err := readJSON([]byte(out.Stdout))
	if device && err == nil {
		answer.(map[string]any)["VirtualMFADevice"].(map[string]any)["Base32StringSeed"] = base64.StdEncoding.EncodeToString(out.Files["seed"])
	}
	return answer, out.Stderr, err
}

// newMembers are members of answers that one of the CLI's versions in use does not
// know, and leaves out.
var newMembers = []string{
	"AssertionEncryptionMode", "Path", "Paths", "PrivateKeyList", "SAMLProviderUUID", "SessionTokenSize", "SessionTokenUtilization", "State",
}

// compare runs the fullest command by the CLI and the shell, in each format, each
// given the recorded answers.
func (p *prompt) compare() {
	p.t.Helper()
	f := p.fullest
	if f.said == "" {
		p.t.Fatal("no command printed anything")
	}
	cli := newShell(p.t, "", &secrets{}).as(aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret"})
	// Version 1 writes points in time as they came unless it is asked for version 2's way.
	settings := []byte("[default]\ncli_timestamp_format = iso8601\n")
	if err := os.WriteFile(filepath.Join(cli.home, "config"), settings, 0o600); err != nil {
		p.t.Fatal(err)
	}
	var without []string
	for _, format := range []string{"json", "table", "text"} {
		words := append(slices.Clone(f.words), "--output", format)
		line := "aws " + strings.Join(words, " ")
		var asked func() [][]byte
		var stop func()
		cli.url, asked, stop = again(f.calls)
		want, errs, err := cli.exec(words)
		stop()
		if bytes.Contains(errs, []byte("Invalid choice")) || bytes.Contains(errs, []byte("Unknown options")) {
			p.t.Logf("%s: the AWS CLI at hand is too old", line)
			return
		}
		if err != nil {
			p.t.Fatalf("%s: %v: %s", line, err, errs)
		}
		p.sameRequests(asked())
		if format == "json" {
			without = slices.DeleteFunc(slices.Clone(newMembers), func(name string) bool { return bytes.Contains(want, []byte(`"`+name+`":`)) })
		}
		url, _, stop := again(f.calls)
		got, err := p.node.run(typed{
			Words: words, Endpoint: url, Without: without,
			Credentials: map[string]string{"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretAccessKey": "secret"},
		})
		stop()
		if err != nil || got.Code != 0 || got.Stdout != string(want) {
			p.t.Errorf("%s\n-- the shell printed (%v, %d, %s):\n%s\n-- the AWS CLI printed:\n%s", line, err, got.Code, got.Stderr, got.Stdout, want)
		}
	}
}

// sameRequests holds what the CLI asked for against what the shell had asked for.
func (p *prompt) sameRequests(asked [][]byte) {
	p.t.Helper()
	for i, body := range asked {
		if got, want := read(p.fullest.calls[i].asked), read(body); !reflect.DeepEqual(got, want) {
			p.t.Errorf("the shell asked for %v; the AWS CLI for %v", got, want)
		}
	}
}

// read reads a request's body: JSON, or a form.
func read(body []byte) any {
	if v, err := readJSON(body); err == nil && v != nil {
		return v
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return err
	}
	return form
}
