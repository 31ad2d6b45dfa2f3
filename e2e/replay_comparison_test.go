package e2e_test

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"
)

// The comparison must be able to fail, by every kind of difference.
func TestReplayComparison(t *testing.T) {
	const recorded = `{"Role":{"Arn":"arn:<partition>:iam::111111111111:role/<role-name:1>","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]},` +
		`"CreateDate":"<datetime>","MaxSessionDuration":3600,"RoleId":"<role-id:1>","RoleLastUsed":{},"Tags":[{"Key":"a"}]},"Other":"<role-id:1>","IsTruncated":false}`
	const id = "AROAABCDEFGHIJKLMNOPQ"
	now := time.Now().UTC().Truncate(time.Second)
	answer := `<CreateRoleResult><Role><Arn>arn:aws:iam::123456789012:role/ink</Arn>` +
		`<AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%7D%5D%7D</AssumeRolePolicyDocument>` +
		`<CreateDate>` + now.Format(time.RFC3339) + `</CreateDate><MaxSessionDuration>3600</MaxSessionDuration><RoleId>` + id + `</RoleId><RoleLastUsed/>` +
		`<Tags><member><Key>a</Key></member></Tags></Role><Other>` + id + `</Other><IsTruncated>false</IsTruncated></CreateRoleResult>`
	for _, c := range []struct{ what, old, new string }{
		{"nothing", "", ""},
		{"Role.Arn", "role/ink", "role/inkwell"},
		{"Role.Arn", ":123456789012:", ":123456789013:"},
		{"Role.AssumeRolePolicyDocument", "%7B%22Version", "{%22Version"},
		{"Role.AssumeRolePolicyDocument.Statement.0.Effect", "%22Allow%22", "%22Deny%22"},
		{"Role.AssumeRolePolicyDocument.Statement.0", "%22Effect%22%3A%22Allow%22", ""},
		{"Role.CreateDate", now.Format(time.RFC3339), now.Add(-time.Hour).Format(time.RFC3339)},
		{"Role.CreateDate", "Z</CreateDate>", ".000Z</CreateDate>"},
		{"Role.MaxSessionDuration", "3600", "3600.0"},
		{"Role.RoleId", "<RoleId>AROA", "<RoleId>AIDA"},
		{"Other", "<Other>" + id, "<Other>AROAABCDEFGHIJKLMNOPP"},
		{"Role.RoleLastUsed", "<RoleLastUsed/>", ""},
		{"Role.RoleLastUsed.Region", "<RoleLastUsed/>", "<RoleLastUsed><Region>x</Region></RoleLastUsed>"},
		{"Role.Tags", "<Tags><member><Key>a</Key></member></Tags>", "<Tags/>"},
		{"Role.Tags", "<member><Key>a</Key></member>", "<Tag><Key>a</Key></Tag>"},
		{"Role.Tags.0.Value", "<Key>a</Key>", "<Key>a</Key><Value/>"},
		{"IsTruncated", "false", "False"},
		{"IsTruncated", "</CreateRoleResult>", "<IsTruncated>false</IsTruncated></CreateRoleResult>"},
		{"Marker", "</CreateRoleResult>", "<Marker/></CreateRoleResult>"},
	} {
		var want map[string]any
		decoder := json.NewDecoder(strings.NewReader(recorded))
		decoder.UseNumber()
		if err := decoder.Decode(&want); err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(answer, c.old, c.new, 1)
		if text == answer && c.what != "nothing" {
			t.Fatalf("%s: %q is not in the answer", c.what, c.old)
		}
		var got element
		if err := xml.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		compare := comparison{player: &player{account: "123456789012", began: now, values: map[string]string{"partition": "aws", "role-name:1": "ink"}}}
		compare.object("", want, &got)
		if c.what == "nothing" {
			if len(compare.found) > 0 {
				t.Errorf("equal answers: %v", compare.found)
			}
			continue
		}
		if len(compare.found) == 0 || compare.found[0].path != c.what {
			t.Errorf("%q for %q: found %v, want %s", c.new, c.old, compare.found, c.what)
		}
	}
}
