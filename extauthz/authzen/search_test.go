package authzen_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// results are those of all pages, and how many pages there were.
func (w *world) results(t *testing.T, kind string, q m, limit int) (list []string, pages int) {
	t.Helper()
	token := ""
	for {
		page := m{"token": token}
		if limit > 0 {
			page["limit"] = limit
		}
		q["page"] = page
		a := w.ask(t, w.root, search+kind, marshal(t, q))
		o := a.object(t)
		if a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		for _, r := range o["results"].([]any) {
			found := r.(map[string]any)
			if name, ok := found["name"].(string); ok {
				list = append(list, name)
			} else {
				list = append(list, found["type"].(string)+" "+found["id"].(string))
			}
		}
		if pages++; limit > 0 && len(o["results"].([]any)) > limit {
			t.Fatalf("more than %d: %s", limit, a.body)
		}
		if token = o["page"].(map[string]any)["next_token"].(string); token == "" {
			return list, pages
		}
	}
}

// TestSearchSubject: users and roles that may, and no others, whatever the pages.
func TestSearchSubject(t *testing.T) {
	w := newWorld(t)
	may := `{"Effect":"Allow","Action":"shop:Order","Resource":"arn:aws:shop:::x"}`
	var users, roles []string
	for i := range 5 {
		users = append(users, "user "+w.user(t, fmt.Sprintf("u%d", i), "/p/", may))
		w.user(t, fmt.Sprintf("not%d", i), "/", "")
	}
	for i := range 3 {
		roles = append(roles, "role "+w.role(t, fmt.Sprintf("R%d", i), may))
	}
	root := "root arn:aws:iam::" + account + ":root"
	for _, c := range []struct {
		kind string
		want []string
	}{{"user", users}, {"role", roles}, {"aws", slices.Concat(roles, users)}, {"root", []string{root}}, {"group", nil}} {
		for _, limit := range []int{0, 1, 2, 3, 100000} {
			q := m{"subject": m{"type": c.kind}, "action": m{"name": "shop:Order"}, "resource": m{"type": "x", "id": "arn:aws:shop:::x"}}
			got, pages := w.results(t, "subject", q, limit)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s by %d: %v", c.kind, limit, got)
			}
			if limit == 1 && len(c.want) > 1 && pages < len(c.want) {
				t.Errorf("%s: %d pages", c.kind, pages)
			}
			for _, one := range got {
				kind, id, _ := strings.Cut(one, " ")
				if a := w.ask(t, w.root, evaluation, marshal(t, about(kind, id, "shop:Order", "arn:aws:shop:::x"))); !a.decision(t) {
					t.Errorf("%s was found, and may not: %s", one, a.body)
				}
			}
		}
	}
}

// TestSearchResource: of IAM's own resources those on which the subject may act.
func TestSearchResource(t *testing.T) {
	w := newWorld(t)
	ann := w.user(t, "ann", "/team/", `{"Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::*:user/team/*"},{"Effect":"Allow","Action":"iam:GetRole","Resource":"*"},{"Effect":"Deny","Action":"iam:GetRole","Resource":"arn:aws:iam::*:role/secret"}`)
	ben, clerk := w.user(t, "ben", "/team/", ""), w.role(t, "clerk", orders)
	w.user(t, "cat", "/", "")
	w.role(t, "secret", orders)
	for _, c := range []struct {
		kind, action string
		want         []string
	}{
		{"user", "iam:GetUser", []string{"user " + ann, "user " + ben}}, {"role", "iam:GetRole", []string{"role " + clerk}},
		{"group", "iam:GetGroup", nil}, {"policy", "iam:GetPolicy", nil}, {"bucket", "s3:GetObject", nil}, {"user", "iam:DeleteUser", nil},
	} {
		for _, limit := range []int{0, 1} {
			q := m{"subject": m{"type": "user", "id": ann}, "action": m{"name": c.action}, "resource": m{"type": c.kind}}
			if got, _ := w.results(t, "resource", q, limit); !slices.Equal(got, c.want) {
				t.Errorf("%s by %d: %v", c.kind, limit, got)
			}
		}
	}
}

// TestSearchAction: the actions of a resource's service that it can be asked for.
func TestSearchAction(t *testing.T) {
	w := newWorld(t)
	ann := w.user(t, "ann", "/", `{"Effect":"Allow","Action":["s3:Get*","sqs:*","s3:ListAllMyBuckets"],"Resource":"*"},{"Effect":"Deny","Action":"s3:GetObjectAcl","Resource":"*"}`)
	all := func(resource, service string, limit int) []string {
		on := m{"type": "x", "id": resource}
		if service != "" {
			on["properties"] = m{"service": service}
		}
		got, _ := w.results(t, "action", m{"subject": m{"type": "user", "id": ann}, "resource": on}, limit)
		return got
	}
	object := all("arn:aws:s3:::bucket/key", "", 0)
	for name, want := range map[string]bool{"s3:GetObject": true, "s3:GetObjectTagging": true, "s3:GetObjectAcl": false, "s3:PutObject": false, "s3:ListAllMyBuckets": false, "sqs:SendMessage": false} {
		if slices.Contains(object, name) != want {
			t.Errorf("%s: %v", name, object)
		}
	}
	if paged := all("arn:aws:s3:::bucket/key", "", 3); !slices.Equal(paged, object) {
		t.Errorf("by 3: %v", paged)
	}
	for _, name := range object {
		if a := w.ask(t, w.root, evaluation, marshal(t, about("user", ann, name, "arn:aws:s3:::bucket/key"))); !a.decision(t) {
			t.Errorf("%s was found, and is not allowed", name)
		}
	}
	if everywhere := all("*", "s3", 0); !slices.Contains(everywhere, "s3:ListAllMyBuckets") {
		t.Errorf("anywhere: %v", everywhere)
	}
	for _, c := range [][2]string{{"arn:aws:nothing:::x", ""}, {"*", ""}, {"*", "nothing"}, {"x", "s3"}} {
		if got := all(c[0], c[1], 0); got != nil {
			t.Errorf("%v: %v", c, got)
		}
	}
}
