package main

import (
	"bytes"
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// stopAfter ends a start once what it printed ends with some text.
type stopAfter struct {
	bytes.Buffer
	last string
	stop context.CancelFunc
}

func (w *stopAfter) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.HasSuffix(w.String(), w.last) {
		w.stop()
	}
	return n, err
}

// TestGreeting: a first start prints the secrets that it made up, and of those that
// were given that they were; what is printed in the secrets' places is nothing else.
func TestGreeting(t *testing.T) {
	const keyID, secret, password = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "Correct-Horse-7-Battery"
	names := []string{"IAMD_ROOT_ACCESS_KEY_ID", "IAMD_ROOT_SECRET_ACCESS_KEY", "IAMD_ROOT_PASSWORD"}
	madeKey, madePassword := `(?m)^  export AWS_SECRET_ACCESS_KEY=[A-Za-z0-9/+]{40}$`, `(?m)^  Password  \S{12,}$`
	for name, c := range map[string]struct {
		given         [3]string // as names has them
		want, wantNot []string
	}{
		"nothing given": {want: []string{"access key, shown this once:", madeKey, "console, shown this once too:", madePassword}, wantNot: []string{"IAMD_ROOT_", "that was given"}},
		"all given": {
			[3]string{keyID, secret, password},
			[]string{
				"access key, with the secret that was given:", "export AWS_ACCESS_KEY_ID=" + keyID + "\n", "is that of IAMD_ROOT_SECRET_ACCESS_KEY\n",
				"console, with the password that was given:", "  Password  that of IAMD_ROOT_PASSWORD\n",
			},
			[]string{"shown this once", "export AWS_SECRET_ACCESS_KEY", madePassword},
		},
		"the key given":      {[3]string{keyID, secret, ""}, []string{"access key, with the secret that was given:", "console, shown this once:", madePassword}, []string{"IAMD_ROOT_PASSWORD", madeKey}},
		"the password given": {[3]string{"", "", password}, []string{"access key, shown this once:", madeKey, "that of IAMD_ROOT_PASSWORD\n"}, []string{"IAMD_ROOT_SECRET_ACCESS_KEY", madePassword}},
		"the id given":       {[3]string{keyID, "", ""}, []string{"export AWS_ACCESS_KEY_ID=" + keyID + "\n", madeKey, madePassword}, []string{"IAMD_ROOT_"}},
		"the secret given":   {[3]string{"", secret, ""}, []string{`export AWS_ACCESS_KEY_ID=AKIA[A-Z2-7]{16}\n`, "is that of IAMD_ROOT_SECRET_ACCESS_KEY\n"}, []string{madeKey}},
	} {
		t.Run(name, func(t *testing.T) {
			for i, variable := range names {
				t.Setenv(variable, c.given[i])
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			out := &stopAfter{last: "console-credentials.csv, which only you can read.\n", stop: stop}
			if err := command(ctx, out, "serve", "--data-dir", filepath.Join(t.TempDir(), "d"), "--listen", "127.0.0.1:0"); err != nil {
				t.Fatal(err)
			}
			said := out.String()
			for _, want := range append(c.want, "This is the first start.", "export AWS_ENDPOINT_URL=http://127.0.0.1:", "Account \\d{12}\\. ", "  Email     root@example.com\n") {
				if !regexp.MustCompile(want).MatchString(said) {
					t.Errorf("%s is not in\n%s", want, said)
				}
			}
			for _, not := range append(c.wantNot, regexp.QuoteMeta(secret), password) {
				if regexp.MustCompile(not).MatchString(said) {
					t.Errorf("%s is in\n%s", not, said)
				}
			}
		})
	}
}
