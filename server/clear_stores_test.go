//go:build unix

package server

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	clientv3 "go.etcd.io/etcd/client/v3"

	"iamd/keyring"
	"iamd/store/etcd/etcdtest"
	"iamd/store/postgres/postgrestest"
)

// TestNoSecretsInSharedStores: what nodes send to a store that they share holds none
// either, nor what its servers write of it: logs of every statement, too.
func TestNoSecretsInSharedStores(t *testing.T) {
	t.Run("postgres", func(t *testing.T) {
		c := postgrestest.Start(t, "log_statement=all", "full_page_writes=off")
		url := c.Database(t)
		noSecretsInTheClear(t, holding{
			dir: t.TempDir(), store: url, keyring: newKeyring(t), values: inPostgreSQL(url),
			servers: func() string { c.Stop(); return c.Dir() },
		})
	})
	t.Run("etcd", func(t *testing.T) {
		c := etcdtest.Start(t, 1)
		noSecretsInTheClear(t, holding{
			dir: t.TempDir(), store: c.URL(), keyring: newKeyring(t), values: inEtcd(c.Client()),
			servers: func() string { c.Kill(0); return c.Dir(0) },
		})
	})
}

// newKeyring is a keyring's file, as operators make it for many nodes.
func newKeyring(t *testing.T) (path string) {
	path = filepath.Join(t.TempDir(), "keyring")
	if err := os.WriteFile(path, []byte(keyring.Generate(rand.Reader)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// inPostgreSQL are the values of all tables in a database.
func inPostgreSQL(url string) values {
	return func(t *testing.T, each func(place string, value []byte)) {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		rows, err := conn.Query(t.Context(), "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
		if err != nil {
			t.Fatal(err)
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(names) == 0 {
			t.Fatal(names, err)
		}
		for _, name := range names {
			rows, err := conn.Query(t.Context(), "SELECT * FROM "+pgx.Identifier{name}.Sanitize())
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				for i, v := range rows.RawValues() {
					each(name+"."+rows.FieldDescriptions()[i].Name, v)
				}
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// inEtcd are all keys and values of a cluster.
func inEtcd(cli *clientv3.Client) values {
	return func(t *testing.T, each func(place string, value []byte)) {
		all, err := cli.Get(t.Context(), "", clientv3.WithPrefix())
		if err != nil || len(all.Kvs) == 0 {
			t.Fatal(all, err)
		}
		for _, kv := range all.Kvs {
			each("a key", kv.Key)
			each(string(kv.Key), kv.Value)
		}
	}
}
