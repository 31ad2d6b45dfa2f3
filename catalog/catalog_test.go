package catalog

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"iamd/catalog/internal/layout"
)

// fresh returns contents of which no part has been inflated yet.
func fresh(t testing.TB) contents {
	t.Helper()
	c, err := readContents(indexFile, servicesFile, policiesFile)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOnePartAtATime(t *testing.T) {
	c := fresh(t)
	for _, s := range c.services {
		if s.part.actions != nil {
			t.Fatalf("%s is inflated before anyone asked", s.Prefix)
		}
	}
	iam, ok := c.service("iam")
	if !ok {
		t.Fatal("no iam")
	}
	if _, ok := iam.Action("CreateUser"); !ok {
		t.Fatal("no iam:CreateUser")
	}
	if _, ok := c.managedPolicy(arnPrefix + "/AdministratorAccess"); !ok {
		t.Fatal("no AdministratorAccess")
	}
	services, blocks := 0, 0
	for _, s := range c.services {
		if s.part.actions != nil {
			services++
		}
	}
	for _, b := range c.blocks {
		if b.policies != nil {
			blocks++
		}
	}
	if services != 1 || blocks != 1 {
		t.Errorf("one service and one policy inflated %d services and %d blocks", services, blocks)
	}
}

// TestMemory bounds what looking at one service allocates, and what stays
// when everything has been looked at.
func TestMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c := fresh(t)
	iam, _ := c.service("iam")
	iam.Action("CreateUser")
	c.managedPolicy(arnPrefix + "/AdministratorAccess")
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 3<<20 {
		t.Errorf("the index, one service and one policy allocated %d bytes", n)
	}

	runtime.GC()
	runtime.ReadMemStats(&before)
	for _, s := range c.services {
		s.load()
	}
	for _, b := range c.blocks {
		b.load()
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if n := int64(after.HeapAlloc) - int64(before.HeapAlloc); n > 20<<20 {
		t.Errorf("everything together keeps %d bytes", n)
	} else {
		t.Logf("everything together keeps %d bytes", n)
	}
	runtime.KeepAlive(c)
}

func TestLookupsAllocateNothing(t *testing.T) {
	iam, _ := Service("iam")
	n := testing.AllocsPerRun(100, func() {
		Service("IAM")
		iam.Action("createUSER")
		iam.ResourceType("user")
		iam.ConditionKey("iam:PassedToService")
		ManagedPolicyByARN("arn:aws:iam::aws:policy/AdministratorAccess")
		ConditionKeyType("aws:username")
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSize(t *testing.T) {
	if n := len(indexFile) + len(servicesFile) + len(policiesFile) + len(conditionKeysFile); n > 5<<19 {
		t.Errorf("%d bytes embedded", n)
	}
}

// TestDamage sees to it that broken data makes things unknown, no worse.
func TestDamage(t *testing.T) {
	c := fresh(t)
	iam, _ := c.service("iam")
	for _, member := range []string{iam.member, c.blocks[0].member, conditionKeysFile, indexFile} {
		for i := 0; i < len(member); i += 1 + len(member)/40 {
			cut := member[:i]
			bent := member[:i] + string(member[i]^0x55) + member[i+1:]
			for _, bad := range []string{cut, bent} {
				s := &ServiceInfo{member: bad}
				if _, ok := s.Action("CreateUser"); ok && bad == cut {
					t.Errorf("an action from %d of %d bytes", i, len(member))
				}
				b := &block{member: bad}
				if p := b.load(); p != nil && bad == cut {
					t.Errorf("policies from %d of %d bytes", i, len(member))
				}
				if k, err := readKeys(bad); err == nil && bad == cut {
					t.Errorf("condition keys from %d of %d bytes: %d", i, len(member), len(k.Exact))
				}
				if _, err := readContents(bad, servicesFile, policiesFile); err == nil && bad == cut {
					t.Errorf("an index from %d of %d bytes", i, len(member))
				}
			}
		}
	}
	if _, err := readContents(indexFile, servicesFile[:100], policiesFile); err == nil {
		t.Error("services beyond the file's end")
	}
	if _, err := readContents(indexFile, servicesFile, policiesFile[:100]); err == nil {
		t.Error("policies beyond the file's end")
	}

	for name, bad := range map[string]layout.Service{
		"key":      {Lists: [][]int{{0}}},
		"negative": {Keys: []layout.Key{{}}, Lists: [][]int{{-1}}},
		"list":     {Resources: []layout.Resource{{}}},
		"action":   {Actions: []layout.Action{{Keys: -1}}},
		"resource": {Lists: [][]int{{}}, Actions: []layout.Action{{Resources: []layout.ActionResource{{}}}}},
	} {
		member, err := layout.Pack(bad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readService(string(member)); err == nil {
			t.Errorf("a %s out of range was read", name)
		}
	}
	for _, bad := range []layout.Span{{Offset: -1, Length: 1}, {Offset: 0, Length: -1}, {Offset: 3, Length: 1}, {Offset: 1, Length: int(^uint(0) >> 1)}} {
		if _, err := bad.Cut("abc"); err == nil {
			t.Errorf("%+v lies within three bytes", bad)
		}
	}
}

// TestSources holds the embedded files and the notices against the list of
// sources.
func TestSources(t *testing.T) {
	files := map[string]string{
		"index.json.gz": indexFile, "services.json.gz": servicesFile,
		"policies.json.gz": policiesFile, "conditionkeys.json.gz": conditionKeysFile,
	}
	f, err := os.Open("data/SOURCES")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	notice, err := os.ReadFile("../NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	packages := 0
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case words[0] == "#":
		case len(words) == 2:
			if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(files[words[0]]))); sum != words[1] {
				t.Errorf("%s is %s, want %s", words[0], sum, words[1])
			}
			delete(files, words[0])
		case len(words) == 4:
			packages++
			if words[2] != "MIT" || !strings.Contains(string(notice), words[0]+" "+words[1]) {
				t.Errorf("NOTICE does not name %s %s under %s", words[0], words[1], words[2])
			}
			if _, err := time.Parse(time.DateOnly, words[3]); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("line %q", lines.Text())
		}
	}
	if err := lines.Err(); err != nil || packages != 2 || len(files) != 0 {
		t.Errorf("%v; %d packages; not listed: %d", err, packages, len(files))
	}
}

func BenchmarkFirstLookAtOneService(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		iam, _ := fresh(b).service("iam")
		iam.Action("CreateUser")
	}
}

func BenchmarkFirstLookAtLargestService(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ec2, _ := fresh(b).service("ec2")
		ec2.Action("RunInstances")
	}
}

func BenchmarkFirstLookAtOnePolicy(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		fresh(b).managedPolicy(arnPrefix + "/AdministratorAccess")
	}
}

func BenchmarkFirstListOfPolicies(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for _, block := range fresh(b).blocks {
			block.load()
		}
	}
}

func BenchmarkConditionKeyTypeUnknown(b *testing.B) {
	for b.Loop() {
		ConditionKeyType("login.example.com:sub")
	}
}
