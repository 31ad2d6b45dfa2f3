package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"iamd/store"
)

// assumed is the event of an AssumeRole by a user, as most servers have many of them.
func assumed(at time.Time) Event {
	return Event{
		EventVersion: "1.11", EventTime: at, EventSource: "sts.amazonaws.com", EventName: "AssumeRole", AWSRegion: "us-east-1",
		SourceIPAddress: "127.0.0.1", UserAgent: "aws-sdk-go-v2/1.47.7 os/linux lang/go#1.26.8",
		UserIdentity: Identity{
			Type: "IAMUser", PrincipalID: "AIDAQWERTYUIOPASDFGHJ", ARN: "arn:aws:iam::123456789012:user/Bob",
			AccountID: "123456789012", AccessKeyID: "AKIAQWERTYUIOPASDFGH", UserName: "Bob",
		},
		RequestParameters: json.RawMessage(`{"roleArn":"arn:aws:iam::123456789012:role/R","roleSessionName":"session"}`),
		ResponseElements: json.RawMessage(`{"credentials":{"accessKeyId":"ASIAQWERTYUIOPASDFGH","secretAccessKey":"HIDDEN_DUE_TO_SECURITY_REASONS",` +
			`"sessionToken":"HIDDEN_DUE_TO_SECURITY_REASONS","expiration":"Nov 1, 2026, 1:00:00 PM"},` +
			`"assumedRoleUser":{"assumedRoleId":"AROAQWERTYUIOPASDFGHJ:session","arn":"arn:aws:sts::123456789012:assumed-role/R/session"}}`),
		RequestID: "0e37df36-f698-41e6-8dd4-cb9ced3df976", EventID: "c5a7e1f0-9b2d-4b5e-8a7b-3c4d5e6f7a8b", EventType: "AwsApiCall",
		ReadOnly: true, ManagementEvent: true, RecipientAccountID: "123456789012", EventCategory: "Management",
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	e := assumed(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))
	text := e.AppendJSON(nil)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		text = e.AppendJSON(text[:0])
	}
}

// BenchmarkRecord records events, which a store that forgets everything takes.
func BenchmarkRecord(b *testing.B) {
	for _, accounts := range []int{1, 100} {
		b.Run(fmt.Sprint("accounts=", accounts), func(b *testing.B) {
			r := New(Config{Sink: &shelf{map[string][]store.Soft{}}, Prefix: "account/"})
			e := assumed(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))
			var names []string
			for i := range accounts {
				names = append(names, fmt.Sprintf("%012d", i))
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				e.RecipientAccountID = names[i%accounts]
				r.Record(&e)
			}
			b.ReportMetric(100*float64(r.Dropped())/float64(b.N), "%dropped")
			if err := r.Close(context.Background()); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkAttempted notes attempts of so many users of an account, one after the
// other, who come once a second and who come more often.
func BenchmarkAttempted(b *testing.B) {
	for _, users := range []int{1, 10, 1000} {
		for _, often := range []int{1, 100} {
			b.Run(fmt.Sprintf("users=%d/often=%d", users, often), func(b *testing.B) {
				r := New(Config{Sink: &shelf{map[string][]store.Soft{}}, Prefix: "account/"})
				at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
				var all []Attempt
				for i := range users {
					all = append(all, Attempt{
						Account: "123456789012", KeyID: fmt.Sprintf("AKIA%016d", i), EntityID: fmt.Sprintf("AIDA%017d", i), ARN: fmt.Sprint("arn:aws:iam::123456789012:user/", i),
						Service: "sts", Action: "AssumeRole", Region: "us-east-1",
					})
				}
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					a := all[i%users]
					a.Time = at.Add(time.Duration(i/users/often) * time.Second)
					r.Attempted(b.Context(), a)
				}
				if err := r.Close(context.Background()); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
