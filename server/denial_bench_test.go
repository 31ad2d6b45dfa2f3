package server_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"

	"iamd/server"
	"iamd/sigv4"
)

// BenchmarkDenial measures a call over HTTP that is denied, traced and answered
// with a sealed message, beside the same call allowed; both are asked in turns in
// the one run. of-allowed is its share of the allowed call's throughput.
func BenchmarkDenial(b *testing.B) {
	ctx := context.Background()
	s, err := server.New(ctx, server.Config{DataDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	front := httptest.NewServer(s.Handler())
	defer func() {
		front.Close()
		if err := s.Close(ctx); err != nil {
			b.Error(err)
		}
	}()
	root, addr := s.FirstStart(), front.Listener.Addr().String()
	rootKey := sigv4.Credentials{KeyID: root.AccessKeyID, Secret: root.SecretAccessKey}
	user := func(name, effect string) sigv4.Credentials {
		ask := func(form ...string) string { return once(b, addr, signed(b, addr, rootKey, "iam", form...)) }
		ask("Action", "CreateUser", "UserName", name)
		ask("Action", "PutUserPolicy", "UserName", name, "PolicyName", "p", "PolicyDocument",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"`+effect+`","Action":"iam:Get*","Resource":"*"}]}`)
		answer := ask("Action", "CreateAccessKey", "UserName", name)
		return sigv4.Credentials{KeyID: between(answer, "<AccessKeyId>"), Secret: between(answer, "<SecretAccessKey>")}
	}
	allowed := signed(b, addr, user("Ann", "Allow"), "iam", "Action", "GetUser")
	denied := signed(b, addr, user("Bob", "Deny"), "iam", "Action", "GetUser")
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprint("clients=", clients), func(b *testing.B) {
			let, refused := dial(b, addr, clients), dial(b, addr, clients)
			for _, l := range refused {
				l.status = "403"
			}
			var denials, allowances spent
			b.ResetTimer()
			const turn = 2000
			for done := 0; done < b.N; done += turn {
				n := min(turn, b.N-done)
				denials.add(func() { refused.run(b, denied, n) })
				b.StopTimer()
				allowances.add(func() { let.run(b, allowed, n) })
				b.StartTimer()
			}
			b.ReportMetric(float64(allowances.time)/float64(denials.time), "of-allowed")
			b.ReportMetric(float64(b.N)/denials.time.Seconds(), "req/s")
		})
	}
}
