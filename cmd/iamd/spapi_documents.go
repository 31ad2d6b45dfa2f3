package main

import (
	"cmp"
	"encoding/json"
	"reflect"
)

// The policies of the workflow.
const (
	invokePolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*"}]}`

	verificationPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GenerateCredentialReport",` +
		`"iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]}`
)

// trustPolicy lets the account's own policies say who may assume the role.
func (w *workflow) trustPolicy() string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` +
		cmp.Or(w.flags.trust, w.account) + `:root"},"Action":"sts:AssumeRole"}]}`
}

func (w *workflow) assumePolicy() string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"` + w.roleARN() + `"}]}`
}

// samePolicy tells whether two documents say the same, however they are laid
// out: a list of one thing is that thing.
func samePolicy(a, b string) bool {
	var va, vb any
	return json.Unmarshal([]byte(a), &va) == nil && json.Unmarshal([]byte(b), &vb) == nil &&
		reflect.DeepEqual(plain(va), plain(vb))
}

func plain(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
		if len(v) == 1 {
			return v[0]
		}
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	}
	return v
}
