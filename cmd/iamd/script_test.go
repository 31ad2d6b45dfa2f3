package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"iamd/server"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"iamd": main})
}

// TestScript runs iamd as a shell does. $ENDPOINT is a server whose root key is
// in $WORK/root.csv.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			s, err := server.New(t.Context(), server.Config{
				DataDir: filepath.Join(env.WorkDir, "server"), Root: server.Root{AccountID: "123456789012"},
			})
			if err != nil {
				return err
			}
			web := httptest.NewServer(s.Handler())
			env.Defer(func() {
				web.Close()
				if err := s.Close(t.Context()); err != nil {
					t.Error(err)
				}
			})
			env.Setenv("ENDPOINT", web.URL)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			return os.Rename(s.FirstStart().File, filepath.Join(env.WorkDir, "root.csv"))
		},
	})
}
