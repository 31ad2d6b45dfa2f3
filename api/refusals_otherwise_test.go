package api_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"iamd/server"
)

// TestRefusedOtherwise are refusals that take more than one call on an account as
// it stands.
func TestRefusedOtherwise(t *testing.T) {
	var ahead atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	s := stock(t, worldOf(t, server.Config{DataDir: t.TempDir(), Now: clock}))

	in := []string{"RoleArn", s.fill(t, "«arn»role/Pen"), "RoleSessionName", "session"}
	noise := rand.New(rand.NewPCG(1, 2))
	for i := range 50 { // tags that no packing makes small
		value := make([]byte, 200)
		for j := range value {
			value[j] = byte('a' + noise.IntN(26))
		}
		in = append(in, fmt.Sprintf("Tags.member.%d.Key", i+1), fmt.Sprint("key-", i), fmt.Sprintf("Tags.member.%d.Value", i+1), string(value))
	}
	if a := onWire(t, s.root, "iam", "UpdateAssumeRolePolicy", "RoleName", "Pen", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+s.root.Account+`"},"Action":["sts:AssumeRole","sts:TagSession"]}}`); a.code != "" {
		t.Fatal(a.code, a.message)
	}
	packed := onWire(t, s.ink, "sts", "AssumeRole", in...)
	if packed.code != "PackedPolicyTooLarge" || !regexp.MustCompile(`^Packed policy consumes \d{3,}% of allotted space, please use smaller policy\.$`).MatchString(packed.message) {
		t.Errorf("50 tags: %s: %s", packed.code, packed.message)
	}

	if a := onWire(t, s.root, "iam", "GenerateCredentialReport"); a.code != "" {
		t.Fatal(a.code, a.message)
	}
	if a := onWire(t, s.root, "iam", "GetCredentialReport"); a.code != "" {
		t.Errorf("a new report: %s: %s", a.code, a.message)
	}
	ahead.Store(int64(4*time.Hour + time.Minute))
	old := onWireAt(t, clock(), s.root, "iam", "GetCredentialReport")
	const text = "The most recent credential report has expired. To generate a new credential report, use GenerateCredentialReport."
	if old.code != "ReportExpired" || old.message != text {
		t.Errorf("an old report: %s: %s", old.code, old.message)
	}
}
