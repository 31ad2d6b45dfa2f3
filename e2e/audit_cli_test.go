package e2e_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAuditCLI: the AWS CLI reads the history, and a file and the standard output
// have each stored event once, after all that the program prints, also over a stop.
func TestAuditCLI(t *testing.T) {
	t.Parallel()
	up, saw, dir := newUpstream(t), &secrets{}, t.TempDir()
	file := filepath.Join(t.TempDir(), "audit.log")
	sinks := `IAMD_AUDIT_SINKS=[{"stdout": true}, {"file": "` + file + `"}]`
	sh := newShell(t, "", saw)
	var printed []string
	for _, name := range []string{"Ann", "Ben"} {
		p := start(t, dir, anyPort, up, sinks)
		sh.url = p.url
		root := sh.as(rootKey(t, dir))
		root.run(t, "iam", "create-user", "--user-name", name)
		found := root.run(t, "cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=ResourceName,AttributeValue="+name)
		found.want(t, "Events.0.EventName", "CreateUser", "Events.0.Username", "root", "Events.0.ReadOnly", "false",
			"Events.0.EventSource", "iam.amazonaws.com", "Events.1", nil)
		event, _ := found.at("Events", 0, "CloudTrailEvent").(string)
		if !strings.Contains(event, `"userName":"`+name+`"`) {
			t.Errorf("the event: %s", event)
		}
		// The CLI reads page after page by itself.
		if n := strings.Count(root.run(t, "cloudtrail", "lookup-events", "--page-size", "1", "--lookup-attributes", "AttributeKey=ReadOnly,AttributeValue=false").text, `"EventId"`); n != len(printed)+1 {
			t.Errorf("%d writes", n)
		}
		root.refused(t, "InvalidMaxResultsException", "", "cloudtrail", "lookup-events", "--max-results", "51", "--no-paginate")
		root.refused(t, "InvalidLookupAttributesException", "only one", "cloudtrail", "lookup-events", "--lookup-attributes",
			"AttributeKey=EventName,AttributeValue=a", "AttributeKey=EventName,AttributeValue=b")
		p.stop(t)
		printed = append(printed, p.stdout.String())
	}
	for i, text := range printed {
		events := false
		for line := range strings.Lines(text) {
			isEvent := strings.HasPrefix(line, `{"eventVersion"`)
			if isEvent && !json.Valid([]byte(line)) || events && !isEvent {
				t.Errorf("start %d printed, after events: %v: %s", i, events, line)
			}
			events = events || isEvent
		}
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seen, users := map[string]bool{}, 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var e struct{ EventID, EventName string }
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if seen[e.EventID] {
			t.Errorf("%s came twice", e.EventID)
		}
		if seen[e.EventID] = true; e.EventName == "CreateUser" {
			users++
		}
	}
	if users != 2 || len(seen) < 8 {
		t.Errorf("%d users in %d events", users, len(seen))
	}
}
