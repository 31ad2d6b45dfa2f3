package main

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"iamd/iam"
	"iamd/org"
)

// TestConfigurationPage: docs/configuration.md names every key and every quota,
// with its number, and nothing else.
func TestConfigurationPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range new(config).settings() {
		keys = append(keys, s.key)
	}
	for i := range reflect.TypeFor[apiConfig]().NumField() {
		keys = append(keys, reflect.TypeFor[apiConfig]().Field(i).Tag.Get("yaml"))
	}
	quotas := defaultQuotas()
	for name, n := range quotas {
		keys = append(keys, fmt.Sprintf("%s=%d", name, n))
	}
	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|([^|]*)\\|").FindAllStringSubmatch(string(text), -1) {
		key := row[1]
		if _, ok := quotas[key]; ok {
			key += "=" + strings.TrimSpace(row[2])
		}
		told = append(told, key)
	}
	for _, key := range keys {
		if !slices.Contains(told, key) {
			t.Errorf("%s is not on the page", key)
		}
	}
	for _, key := range told {
		if !slices.Contains(keys, key) {
			t.Errorf("%s is on the page, and is none", key)
		}
	}
	d := defaults()
	for key, value := range map[string]string{
		"data_dir": d.DataDir, "listen": d.Listen, "log.level": d.Log.Level, "log.format": d.Log.Format, "gateway.listen": d.Gateway.Listen,
	} {
		if want := fmt.Sprintf("| `%s` | `%s` |", key, value); !strings.Contains(string(text), want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

// TestQuotaNames: each name sets the server's quota of that name and no other;
// what it then limits is shown by the API's tests and the organization's.
func TestQuotaNames(t *testing.T) {
	all := defaultQuotas()
	if n := reflect.TypeFor[iam.Quotas]().NumField() + reflect.TypeFor[org.Quotas]().NumField(); len(all) != n {
		t.Fatalf("%d quotas have %d names", n, len(all))
	}
	for name := range all {
		c, err := load(write(t, "quotas: {"+name+": 77}"), nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.server(func(string) string { return "" }, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		accounts, organization := iam.DefaultQuotas(), org.DefaultQuotas()
		fields := maps.Collect(accounts.Named())
		maps.Insert(fields, organizationQuotas(&organization))
		*fields[name] = 77
		if got.Quotas != accounts || got.OrganizationQuotas != organization {
			t.Errorf("%s: 77 gives %+v %+v", name, got.Quotas, got.OrganizationQuotas)
		}
	}
}

// defaultQuotas are AWS's numbers by the names of the configuration.
func defaultQuotas() map[string]int {
	all, q, o := map[string]int{}, iam.DefaultQuotas(), org.DefaultQuotas()
	for name, n := range q.Named() {
		all[name] = *n
	}
	for name, n := range organizationQuotas(&o) {
		all[name] = *n
	}
	return all
}
