package policy

// Reason returns the tail of AWS's AccessDenied sentence: "because no identity-based policy allows the iam:CreateUser
// action", or "with an explicit deny in an identity-based policy". It is "" for an allowed request.
func (d Decision) Reason(action string) string {
	switch {
	case d.Allowed:
		return ""
	case !d.Explicit:
		return "because no " + d.Type.String() + " allows the " + action + " action"
	case d.Type == Identity:
		return "with an explicit deny in an identity-based policy"
	case d.Type == Trust:
		return "with an explicit deny in the role trust policy"
	}
	return "with an explicit deny in a " + d.Type.String()
}
