// Package server builds every part of iamd and mounts the doors. It is
// importable, so that tests, and programs that want an identity service of
// their own, start a whole server in their process:
//
//	s, err := server.New(ctx, server.Config{DataDir: dir})
//	…
//	defer s.Close(ctx)
//	http.Handle("/", s.Handler())
//
// It decides nothing. New opens the store, the keyring and the first account;
// Handler serves the AWS APIs, with the console, /healthz, /readyz and /metrics
// beside them, Gateway guards other APIs. Serve listens for these and for what the
// configuration asks for beside them: the stand-in's TLS names (front.go), proxies
// that ask first (extauthz.go), programs that need a role's keys (workload.go).
// Admin makes and lists accounts and gives root users new passwords for whoever may
// reach it, which is why Serve puts it on a socket that only the owner of the data
// directory can open.
//
// It may import every package but cmd.
package server
