package guard

// The form of a decoded message, as the examples in AWS's documents have it.
// AWS shows no example of a statement with NotAction and the like; those stand
// under names made in the same way.
// https://docs.aws.amazon.com/cli/latest/reference/sts/decode-authorization-message.html
type (
	decodedMessage struct {
		Allowed           bool                    `json:"allowed"`
		ExplicitDeny      bool                    `json:"explicitDeny"`
		MatchedStatements items[decodedStatement] `json:"matchedStatements"`
		Failures          items[decodedValue]     `json:"failures"`
		Context           decodedContext          `json:"context"`
		// Omitted, which AWS does not have, names what did not fit.
		Omitted string `json:"omitted,omitempty"`
	}
	decodedContext struct {
		Principal struct {
			ID   string `json:"id"`
			Name string `json:"name,omitempty"`
			ARN  string `json:"arn"`
		} `json:"principal"`
		Action     string            `json:"action"`
		Resource   string            `json:"resource"`
		Conditions items[decodedKey] `json:"conditions"`
	}
	decodedStatement struct {
		StatementID     string               `json:"statementId"`
		Effect          string               `json:"effect"`
		Principals      items[decodedValue]  `json:"principals"`
		PrincipalGroups items[decodedValue]  `json:"principalGroups"`
		Actions         items[decodedValue]  `json:"actions"`
		Resources       items[decodedValue]  `json:"resources"`
		Conditions      items[decodedKey]    `json:"conditions"`
		NotPrincipals   *items[decodedValue] `json:"notPrincipals,omitempty"`
		NotActions      *items[decodedValue] `json:"notActions,omitempty"`
		NotResources    *items[decodedValue] `json:"notResources,omitempty"`
	}
	decodedKey struct {
		Key    string              `json:"key"`
		Values items[decodedValue] `json:"values"`
	}
	decodedValue struct {
		Value string `json:"value"`
	}
	items[T any] struct {
		Items []T `json:"items"`
	}
)

func (m *message) decoded() string {
	out := decodedMessage{
		ExplicitDeny: m.Explicit, Failures: values(), MatchedStatements: items[decodedStatement]{[]decodedStatement{}}, Omitted: m.Omitted,
	}
	if m.Statement != nil {
		out.MatchedStatements.Items = append(out.MatchedStatements.Items, m.Statement.decoded(m.UniqueID))
	}
	c := &out.Context
	c.Principal.ID, c.Principal.Name, c.Principal.ARN = m.ID, m.Name, m.ARN
	c.Action, c.Resource, c.Conditions = m.Action, m.Resource, decodedKeys(m.Keys)
	return string(marshal(out))
}

// decoded gives the statement; one without Principal is about whom its policy is
// attached to.
func (s *said) decoded(uniqueID string) decodedStatement {
	out := decodedStatement{
		StatementID: s.SID, Effect: "DENY", Principals: values(s.Principal...), PrincipalGroups: values(),
		Actions: values(s.Action...), Resources: values(s.Resource...), Conditions: decodedKeys(s.Condition),
		NotPrincipals: others(s.NotPrincipal), NotActions: others(s.NotAction), NotResources: others(s.NotResource),
	}
	if s.Principal == nil && s.NotPrincipal == nil {
		out.Principals = values(uniqueID)
	}
	return out
}

func values(list ...string) items[decodedValue] {
	out := items[decodedValue]{make([]decodedValue, len(list))}
	for i, v := range list {
		out.Items[i].Value = v
	}
	return out
}

func others(list []string) *items[decodedValue] {
	if list == nil {
		return nil
	}
	out := values(list...)
	return &out
}

func decodedKeys(keys [][]string) items[decodedKey] {
	out := items[decodedKey]{make([]decodedKey, 0, len(keys))}
	for _, k := range keys {
		out.Items = append(out.Items, decodedKey{Key: k[0], Values: values(k[1:]...)})
	}
	return out
}
