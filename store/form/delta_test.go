package form

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"iamd/store"
)

// told is an event as calls leave them, the more different the more of the numbers
// differ.
func told(action, role, id int, more string) string {
	return fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/Bob"},`+
		`"eventTime":"2026-11-01T12:00:00Z","eventName":"Action%d","requestParameters":{"roleArn":"arn:aws:iam::123456789012:role/R%d","roleSessionName":"s"},`+
		`%s"responseElements":null,"requestID":"%08d-1d07-4b5e-9b2d-3c4d5e6f7a8b","eventID":"%08d-9b2d-4b5e-8a7b-3c4d5e6f7a8b","readOnly":true,"eventCategory":"Management"}`,
		action, role, more, id, id*7)
}

// session is the event of an AssumeRole.
func session(id int) string {
	return fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAQWERTYUIOPASDFGHJ","arn":"arn:aws:iam::123456789012:user/Bob",`+
		`"accountId":"123456789012","accessKeyId":"AKIAQWERTYUIOPASDFGH","userName":"Bob"},"eventTime":"2026-11-01T12:00:00Z","eventSource":"sts.amazonaws.com",`+
		`"eventName":"AssumeRole","awsRegion":"us-east-1","sourceIPAddress":"127.0.0.1","userAgent":"aws-sdk-go-v2/1.47.7 os/linux lang/go#1.26.8",`+
		`"requestParameters":{"roleArn":"arn:aws:iam::123456789012:role/R","roleSessionName":"session"},"responseElements":{"credentials":{"accessKeyId":"ASIA%s",`+
		`"secretAccessKey":"HIDDEN_DUE_TO_SECURITY_REASONS","sessionToken":"HIDDEN_DUE_TO_SECURITY_REASONS","expiration":"Nov 1, 2026, 1:00:00 PM"},`+
		`"assumedRoleUser":{"assumedRoleId":"AROAQWERTYUIOPASDFGHJ:session","arn":"arn:aws:sts::123456789012:assumed-role/R/session"}},`+
		`"requestID":"%08d-1d07-4b5e-9b2d-3c4d5e6f7a8b","eventID":"%08d-9b2d-4b5e-8a7b-3c4d5e6f7a8b","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,`+
		`"recipientAccountId":"123456789012","eventCategory":"Management"}`,
		base32.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64([]byte{7, 8}, uint64(id)*0x9E3779B97F4A7C15)), id*7919, id*7919*7)
}

// TestDelta: every text comes back, whatever stood before it.
func TestDelta(t *testing.T) {
	texts := []string{
		"", "x", "{}", `,"`, `,":,":,":`, `{"a":1}`, `{"a":1,"b":2}`, `{"b":2,"a":1}`, strings.Repeat(`,"a":`, 500),
		told(1, 1, 1, ""), told(1, 1, 2, ""), told(2, 1, 3, `"errorCode":"AccessDenied",`), told(2, 30, 4, ""),
		told(3, 3, 5, strings.Repeat(`"x":"y",`, 100)), strings.Repeat("z", 3*maxLook),
	}
	for _, before := range texts {
		for _, data := range texts {
			delta := appendDelta([]byte("head"), []byte(before), []byte(data), 0)
			got, rest, ok := cutDelta([]byte(before), append(delta[4:], "tail"...))
			if !ok || string(got) != data || string(rest) != "tail" {
				t.Errorf("%.60q after %.60q: %.60q, %q, %v", data, before, got, rest, ok)
			}
		}
	}
	before, data := told(1, 1, 1, ""), told(1, 2, 2, `"errorCode":"AccessDenied",`)
	if n := len(appendDelta(nil, []byte(before), []byte(data), 0)); n > len(data)/3 {
		t.Errorf("%d of %d bytes are new", n, len(data))
	}
}

// TestFormerBatch: batches that were written before there were deltas are read.
func TestFormerBatch(t *testing.T) {
	former, err := base64.StdEncoding.DecodeString("eAEAFgDp/wIBYQd7Im4iOjF9CgFiB3sibiI6Mn0BAAD//zRDBQs=")
	if err != nil {
		t.Fatal(err)
	}
	var list []store.Event
	if err := Unpack(former, func(e store.Event) { list = append(list, e) }); err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[1].ID != "b" || !list[1].Time.Equal(time.UnixMicro(5)) || string(list[0].Data) != `{"n":1}` || string(list[1].Data) != `{"n":2}` {
		t.Errorf("%+v", list)
	}
}

// TestIDs: every text comes back with its UUIDs, whatever of it they are.
func TestIDs(t *testing.T) {
	const own, other = "0e37df36-f698-11e6-8dd4-cb9ced3df976", "ffffffff-ffff-4fff-bfff-ffffffffffff"
	texts := []string{
		"", "-", own, other, other + other, own + other + own, "x" + own[1:], own[:35], strings.ToUpper(own), `{"a":"` + other + `","b":"` + own + `"}`,
		"--------" + own, own[:8] + "-" + own, "a" + own + "a", "\x00", "\x01" + own, own + "\x00", strings.Repeat(other+",", 100), strings.ReplaceAll(own, "-", "_"),
		"00000000-0000-0000-0000-00000000000g", "\x00" + own + ",", "\x00" + own + "-,", other + own[:20], "2026-11-01T12:00:00Z",
	}
	var events []store.Event
	for i, id := range []string{own, strings.ToUpper(own), "1", other} {
		for k, text := range texts {
			at := time.UnixMicro(int64(1000*i - 7*k)).UTC()
			for _, before := range texts {
				events = append(events, store.Event{ID: id, Time: at, Data: []byte(before)}, store.Event{ID: id, Time: at, Data: []byte(text)})
			}
		}
	}
	packed := Pack(events)
	var got []store.Event
	if err := Unpack(packed.Data, func(e store.Event) { got = append(got, e) }); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(events) {
		t.Fatalf("%d of %d events", len(got), len(events))
	}
	for i, e := range events {
		if g := got[i]; g.ID != e.ID || !g.Time.Equal(e.Time) || !bytes.Equal(g.Data, e.Data) {
			t.Errorf("%q: %+v, %q", e.Data, got[i], got[i].Data)
		}
	}
}

func FuzzDelta(f *testing.F) {
	f.Add([]byte(told(1, 1, 1, "")), []byte(told(2, 1, 2, "")))
	f.Add([]byte("before"), []byte("\x01\x00\x03\x02ab"))
	f.Fuzz(func(t *testing.T, before, data []byte) {
		got, rest, ok := cutDelta(before, appendDelta(nil, before, data, 0))
		if !ok || !bytes.Equal(got, data) || len(rest) > 0 {
			t.Fatalf("%q after %q: %q, %q, %v", data, before, got, rest, ok)
		}
		list := []store.Event{{ID: string(before), Data: data}, {ID: string(data), Data: before}}
		if err := Unpack(Pack(list).Data, func(e store.Event) {
			if e.ID != list[0].ID || !bytes.Equal(e.Data, list[0].Data) {
				t.Fatalf("%q: %q, %q", list[0], e.ID, e.Data)
			}
			list = list[1:]
		}); err != nil || len(list) > 0 {
			t.Fatal(err, list)
		}
		// A stranger's delta is refused, or makes no more than its steps can.
		if got, _, ok := cutDelta(before, data); ok && len(got) > len(before)+len(data) {
			t.Fatalf("%d bytes of %d and %d", len(got), len(before), len(data))
		}
	})
}

func BenchmarkPack(b *testing.B) {
	for _, kind := range []string{"alike", "mixed", "sessions"} {
		b.Run(kind, func(b *testing.B) {
			var events []store.Event
			for i := range MaxBatch {
				text := told(1, 1, i*7919, "")
				if kind == "mixed" {
					text = told(i*i%7, i*i%53, i*7919, strings.Repeat(`"errorCode":"AccessDenied",`, i*i%3/2))
				}
				if kind == "sessions" {
					text = session(i)
				}
				id := fmt.Sprintf("%08d-9b2d-4b5e-8a7b-3c4d5e6f7a8b", i*7919*7)
				events = append(events, store.Event{ID: id, Time: time.UnixMicro(int64(i)), Data: []byte(text)})
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = len(Pack(events).Data)
			}
			b.ReportMetric(float64(n)/MaxBatch, "bytes/event")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/MaxBatch, "ns/event")
		})
	}
}
