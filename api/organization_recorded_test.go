package api_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestRecordedInputs: names, descriptions, tags and pages.
func TestRecordedInputs(t *testing.T) {
	w := newWorld(t)
	root, made := addressed(t, w, "Own"), map[string]string{}
	inTree(t, root, made)
	policy := newControl(t, root, "Own", scp, controlS3)
	r := newObserved(t, map[string]string{"management": root.Account, "organization": made["organization"], "root": made["root"], "unit": made["unit"], "policy": policy})
	unit := func(name string) string {
		return `{"OrganizationalUnit":{"Arn":"arn:aws:organizations::<management>:ou/<organization>/<unit>","Id":"<unit>","Name":"` + name + `","Path":"<organization>/<root>/<unit>/"}}`
	}
	update := func(more string) string { return `{"OrganizationalUnitId":"<unit>"` + more + `}` }
	long := strings.Repeat("é", 128)
	r.hold(root,
		exchange{"UpdateOrganizationalUnit", update(`,"Name":"changed"`), unit("changed")},
		exchange{"UpdateOrganizationalUnit", update(``), unit("changed")},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":null`), unit("changed")},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":""`), "InvalidInputException MIN_LENGTH_EXCEEDED:NAME" + toldShort},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":" "`), unit("changed")},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":"` + long + `"`), unit(long)},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":"` + long + `é"`), "InvalidInputException MAX_LENGTH_EXCEEDED:NAME" + toldLong},
		exchange{"UpdateOrganizationalUnit", `{"OrganizationalUnitId":"invalid","Name":"rejected"}`, "InvalidInputException INVALID_PATTERN:ORGANIZATIONAL_UNIT_ID" + toldPattern},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":"ignored","AccountId":"invalid"`), unit("ignored")},
	)
	// UpdatePolicy answers with what it was given, and the text.
	content, err := json.Marshal(controlS3)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(named string) string {
		fields := strings.Split(named, "|")
		return `{"Policy":{"Content":` + string(content) + `,"PolicySummary":{"Arn":"arn:aws:organizations::<management>:policy/<organization>/service_control_policy/<policy>","AwsManaged":false` +
			fields[0] + `,"Id":"<policy>"` + fields[1] + `,"Type":"SERVICE_CONTROL_POLICY"}}}`
	}
	change := func(more string) string { return `{"PolicyId":"<policy>"` + more + `}` }
	text := strings.Repeat("é", 512)
	r.hold(root,
		exchange{"UpdatePolicy", change(`,"Description":"` + text + `"`), answer(`,"Description":"` + text + `"|`)},
		exchange{"UpdatePolicy", change(``), answer(`|`)},
		exchange{"UpdatePolicy", change(`,"Description":null`), answer(`|`)},
		exchange{"UpdatePolicy", change(`,"Description":"` + text + `é"`), "InvalidInputException MAX_LENGTH_EXCEEDED:DESCRIPTION" + toldLong},
		exchange{"UpdatePolicy", change(`,"Description":""`), answer(`,"Description":""|`)},
		exchange{"DescribePolicy", change(``), answer(`,"Description":"` + text + `"|,"Name":"Own"`)},
		exchange{"UpdatePolicy", change(`,"Name":" "`), answer(`|,"Name":" "`)},
		exchange{"DescribePolicy", change(``), answer(`,"Description":"` + text + `"|,"Name":" "`)},
		exchange{"UpdatePolicy", change(`,"Name":""`), "InvalidInputException MIN_LENGTH_EXCEEDED:NAME" + toldShort},
		exchange{"UpdatePolicy", change(`,"Name":"changed","Description":"next"`), answer(`,"Description":"next"|,"Name":"changed"`)},
		exchange{"UpdatePolicy", change(`,"Content":""`), "InvalidInputException MIN_LENGTH_EXCEEDED:CONTENT" + toldShort},
		exchange{"UpdatePolicy", change(`,"Content":` + string(content)), answer(`|`)},
	)
	tag := func(tags string) string { return `{"ResourceId":"<policy>"` + tags + `}` }
	key, val := long, strings.Repeat("é", 256)
	r.hold(root,
		exchange{"TagResource", tag(`,"Tags":[{"Key":"first","Value":"value"}]`), ""},
		exchange{"TagResource", tag(`,"Tags":[]`), ""},
		exchange{"TagResource", tag(`,"Tags":null`), "InvalidInputException INPUT_REQUIRED:TAGS" + toldRequired},
		exchange{"TagResource", tag(``), "InvalidInputException INPUT_REQUIRED:TAGS" + toldRequired},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"rejected","Value":null}]`), "InvalidInputException INPUT_REQUIRED:TAGS_1_MEMBER_VALUE" + toldRequired},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"rejected"}]`), "InvalidInputException INPUT_REQUIRED:TAGS_1_MEMBER_VALUE" + toldRequired},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"same","Value":"a"},{"Key":"same","Value":"b"}]`), "InvalidInputException DUPLICATE_TAG_KEY: Your request includes duplicate tag keys."},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"` + key + `","Value":"` + val + `"}]`), ""},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"valid","Value":"pending"},{"Key":"` + key + `é","Value":"rejected"}]`), "InvalidInputException MAX_LENGTH_EXCEEDED:TAGS_2_MEMBER_KEY" + toldLong},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"first","Value":""}]`), ""},
		exchange{"ListTagsForResource", tag(``), `{"Tags":[{"Key":"first","Value":""},{"Key":"` + key + `","Value":"` + val + `"}]}`},
		exchange{"UntagResource", tag(`,"TagKeys":[]`), ""},
		exchange{"UntagResource", tag(`,"TagKeys":null`), "InvalidInputException INPUT_REQUIRED:TAG_KEYS" + toldRequired},
		exchange{"UntagResource", tag(``), "InvalidInputException INPUT_REQUIRED:TAG_KEYS" + toldRequired},
		exchange{"UntagResource", tag(`,"TagKeys":["first"]`), ""},
		exchange{"UntagResource", tag(`,"TagKeys":["missing"]`), ""},
		exchange{"ListTagsForResource", tag(``), `{"Tags":[{"Key":"` + key + `","Value":"` + val + `"}]}`},
	)
	page := func(more string) string { return `{"ParentId":"<unit>"` + more + `}` }
	r.hold(root,
		exchange{"ListOrganizationalUnitsForParent", page(`,"MaxResults":0`), toldBelow},
		exchange{"ListOrganizationalUnitsForParent", page(`,"MaxResults":21`), toldAbove},
		exchange{"ListOrganizationalUnitsForParent", page(`,"MaxResults":null`), `{"OrganizationalUnits":[]}`},
		exchange{"ListOrganizationalUnitsForParent", page(`,"MaxResults":1`), `{"OrganizationalUnits":[]}`},
		exchange{"ListOrganizationalUnitsForParent", page(`,"NextToken":""`), toldToken},
	)
	// Where a unit under a unit stands, and an account.
	below := `{"Arn":"arn:aws:organizations::<management>:ou/<organization>/<unit1>","Id":"<unit1>","Name":"C","Path":"<organization>/<root>/<unit>/<unit1>/"}`
	member := `{"Arn":"arn:aws:organizations::<management>:account/<organization>/<management>","Email":"` + emailOf(t, root) + `","Id":"<management>","JoinedMethod":"INVITED","JoinedTimestamp":0,` +
		`"Name":"Own","Paths":["<organization>/<root>/<management>/"],"State":"ACTIVE","Status":"ACTIVE"}`
	r.hold(root,
		exchange{"CreateOrganizationalUnit", page(`,"Name":"C"`), `{"OrganizationalUnit":` + below + `}`},
		exchange{"DescribeOrganizationalUnit", `{"OrganizationalUnitId":"<unit1>"}`, `{"OrganizationalUnit":` + below + `}`},
		exchange{"ListOrganizationalUnitsForParent", page(``), `{"OrganizationalUnits":[` + below + `]}`},
		exchange{"DescribeAccount", `{"AccountId":"<management>"}`, `{"Account":` + member + `}`},
		exchange{"ListAccounts", `{}`, `{"Accounts":[` + member + `]}`},
		exchange{"ListAccountsForParent", `{"ParentId":"<root>"}`, `{"Accounts":[` + member + `]}`},
		exchange{"EnableAllFeatures", `{}`, "HandshakeConstraintViolationException ORGANIZATION_ALREADY_HAS_ALL_FEATURES: All features are already enabled on this organization."},
		exchange{"EnableAllFeatures", `{"Unknown":"ignored"}`, "HandshakeConstraintViolationException ORGANIZATION_ALREADY_HAS_ALL_FEATURES: All features are already enabled on this organization."},
	)
	guest := w.account(t)
	join(t, root, guest)
	r.hold(guest, exchange{"EnableAllFeatures", `{}`, toldDenied})
}

// addressed makes an account that has an e-mail address.
func addressed(t *testing.T, w *world, name string) *clients {
	t.Helper()
	c, err := w.server.CreateAccount(t.Context(), name, newEmail())
	if err != nil {
		t.Fatal(err)
	}
	return w.as(c.AccountID, c.AccessKeyID, c.SecretAccessKey, "")
}

func emailOf(t *testing.T, root *clients) string {
	t.Helper()
	return *members(t, root)[0].Email
}

// TestRecordedCreation: an account whose address is taken.
func TestRecordedCreation(t *testing.T) {
	root, made := addressed(t, newWorld(t), "Own"), map[string]string{}
	inTree(t, root, made)
	r := newObserved(t, nil)
	failed := `{"AccountName":"New","CompletedTimestamp":0,"FailureReason":"EMAIL_ALREADY_EXISTS","Id":"<request1>","RequestedTimestamp":0,"State":"FAILED"}`
	r.hold(root,
		exchange{"CreateAccount", `{"AccountName":"New","Email":"` + emailOf(t, root) + `"}`, `{"CreateAccountStatus":{"AccountName":"New","Id":"<request1>","RequestedTimestamp":0,"State":"IN_PROGRESS"}}`},
		exchange{"DescribeCreateAccountStatus", `{"CreateAccountRequestId":"<request1>"}`, `{"CreateAccountStatus":` + failed + `}`},
		exchange{"ListCreateAccountStatus", `{"States":["FAILED"]}`, `{"CreateAccountStatuses":[` + failed + `]}`},
	)
}

// TestRecordedHandshakes: invitations, from both sides.
func TestRecordedHandshakes(t *testing.T) {
	w := newWorld(t)
	host, guest, member, made := addressed(t, w, "Host"), addressed(t, w, "Guest"), addressed(t, w, "Member"), map[string]string{}
	inTree(t, host, made)
	join(t, host, member)
	inNewOrganization(t, guest, map[string]string{})
	r := newObserved(t, map[string]string{
		"host": host.Account, "member": member.Account, "guest": guest.Account,
		"org": made["organization"][len("o-"):],
	})
	addresses := map[string]string{}
	for _, c := range []*clients{host, guest} {
		for _, a := range members(t, c) {
			addresses[*a.Id] = *a.Email
		}
	}
	email := func(c *clients) string { return addresses[c.Account] }
	const noParty = "InvalidInputException INVALID_PARTY_TYPE_TARGET: You specified an invalid party type as the target parameter."
	toMember := `"Target":{"Type":"ACCOUNT","Id":"<member>"}`
	r.hold(host,
		exchange{"InviteAccountToOrganization", `{}`, "InvalidInputException INVALID_PATTERN" + toldPattern},
		exchange{"InviteAccountToOrganization", `{"Target":{}}`, noParty},
		exchange{"InviteAccountToOrganization", `{"Target":{"Type":"ORGANIZATION","Id":"<guest>"}}`, noParty},
		exchange{"InviteAccountToOrganization", `{"Target":{"Type":"INVALID","Id":"<guest>"}}`, noParty},
		exchange{"InviteAccountToOrganization", `{"Target":{"Type":"ACCOUNT","Id":"bad"}}`, "InvalidInputException INVALID_PATTERN" + toldPattern},
		exchange{"InviteAccountToOrganization", `{"Target":{"Type":"EMAIL","Id":"invalid"}}`, "InvalidInputException INVALID_EMAIL_ADDRESS_TARGET: You specified an invalid email address for the invited account owner."},
		exchange{"InviteAccountToOrganization", `{` + toMember + `}`, "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION: The AWS account is already a member of an organization."},
		exchange{"InviteAccountToOrganization", `{` + toMember + `,"Notes":"` + strings.Repeat("x", 1025) + `"}`, "InvalidInputException MAX_LENGTH_EXCEEDED:NOTES" + toldLong},
		exchange{"InviteAccountToOrganization", `{` + toMember + `,"Tags":[{"Key":"same","Value":"one"},{"Key":"same","Value":"two"}]}`, "InvalidInputException DUPLICATE_TAG_KEY: Your request includes duplicate tag keys."},
	)
	for _, action := range []string{"DescribeHandshake", "AcceptHandshake", "DeclineHandshake", "CancelHandshake"} {
		r.hold(host,
			exchange{action, `{}`, "InvalidInputException INPUT_REQUIRED:HANDSHAKE_ID" + toldRequired},
			exchange{action, `{"HandshakeId":""}`, "InvalidInputException INVALID_PATTERN:HANDSHAKE_ID" + toldPattern},
			exchange{action, `{"HandshakeId":"bad"}`, "InvalidInputException INVALID_PATTERN:HANDSHAKE_ID" + toldPattern},
			exchange{action, `{"HandshakeId":"h-00000000"}`, "HandshakeNotFoundException: You specified a handshake that doesn't exist."},
		)
	}
	for _, action := range []string{"ListHandshakesForAccount", "ListHandshakesForOrganization"} {
		r.hold(guest,
			exchange{action, `{}`, `{"Handshakes":[]}`},
			exchange{action, `{"Filter":{"ActionType":"INVITE","ParentHandshakeId":"h-00000000"}}`, "InvalidInputException MAX_LIMIT_EXCEEDED_FILTER: You specified too many filter parameters."},
			exchange{action, `{"Filter":{}}`, `{"Handshakes":[]}`},
			exchange{action, `{"Filter":{"ParentHandshakeId":"h-00000000"}}`, `{"Handshakes":[]}`},
			exchange{action, `{"Filter":{"ActionType":"invalid"}}`, "InvalidInputException INVALID_ENUM:FILTER_ACTION_TYPE: You specified an invalid value."},
			exchange{action, `{"NextToken":"bad"}`, toldToken},
		)
	}
	invite := `{"Target":{"Type":"EMAIL","Id":"` + email(guest) + `"},"Notes":"Join us","Tags":[{"Key":"owner","Value":"own"}]}`
	shown := func(id, state string) string {
		return `{"Action":"INVITE","Arn":"arn:aws:organizations::<host>:handshake/o-<org>/invite/` + id + `","ExpirationTimestamp":0,"Id":"` + id + `",` +
			`"Parties":[{"Id":"<org>","Type":"ORGANIZATION"},{"Id":"` + email(guest) + `","Type":"EMAIL"}],"RequestedTimestamp":0,` +
			`"Resources":[{"Resources":[{"Type":"MASTER_EMAIL","Value":"` + email(host) + `"},{"Type":"MASTER_NAME","Value":"Host"},{"Type":"ORGANIZATION_FEATURE_SET","Value":"ALL"}],` +
			`"Type":"ORGANIZATION","Value":"o-<org>"},{"Type":"EMAIL","Value":"` + email(guest) + `"},{"Type":"NOTES","Value":"Join us"}],"State":"` + state + `"}`
	}
	id := func(name string) string { return `{"HandshakeId":"` + name + `"}` }
	one := func(handshake string) string { return `{"Handshake":` + handshake + `}` }
	const (
		already    = "HandshakeAlreadyInStateException: The handshake is already in the requested state."
		transition = "InvalidHandshakeTransitionException: You cannot perform this operation on a handshake in its current state, such as attempting to cancel a handshake that was previously accepted or attempting to accept a handshake that was declined."
	)
	first, second := "<handshake1>", "<handshake2>"
	r.hold(host,
		exchange{"ListHandshakesForAccount", `{}`, `{"Handshakes":[]}`},
		exchange{"InviteAccountToOrganization", invite, one(shown(first, "OPEN"))},
		exchange{"InviteAccountToOrganization", invite, "DuplicateHandshakeException: A handshake with the specified type and parameters already exists for the given parties."},
		exchange{"DescribeHandshake", id(first), one(shown(first, "OPEN"))},
		exchange{"AcceptHandshake", id(first), toldDenied},
		exchange{"DeclineHandshake", id(first), toldDenied},
	)
	r.hold(guest,
		exchange{"DescribeHandshake", id(first), one(shown(first, "OPEN"))},
		exchange{"ListHandshakesForAccount", `{}`, `{"Handshakes":[` + shown(first, "OPEN") + `]}`},
		exchange{"CancelHandshake", id(first), toldDenied},
		exchange{"AcceptHandshake", id(first), "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION: The AWS account is already a member of an organization."},
		// AWS calls it accepted all the same, and nothing comes of it; here it stays open.
		exchange{"DeclineHandshake", id(first), one(shown(first, "DECLINED"))},
		exchange{"DeclineHandshake", id(first), already},
		exchange{"AcceptHandshake", id(first), transition},
	)
	r.hold(host,
		exchange{"CancelHandshake", id(first), transition},
		exchange{"InviteAccountToOrganization", invite, one(shown(second, "OPEN"))},
		exchange{"CancelHandshake", id(second), one(shown(second, "CANCELED"))},
		exchange{"CancelHandshake", id(second), already},
	)
	r.hold(guest,
		exchange{"AcceptHandshake", id(second), transition},
		exchange{"DeclineHandshake", id(second), transition},
	)
	// By its address even a member can be invited, and comes no nearer.
	again := r.call(host, "InviteAccountToOrganization", `{"Target":{"Type":"EMAIL","Id":"`+email(member)+`"}}`)
	if !strings.HasPrefix(again, `{"Handshake":`) {
		t.Error(again)
	}
	r.hold(member, exchange{"AcceptHandshake", id("<handshake3>"), "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION: The AWS account is already a member of an organization."})
	// One that was accepted shows who came.
	r.hold(guest, exchange{"DeleteOrganization", `{}`, ""})
	third := "<handshake4>"
	came := strings.Replace(shown(third, "ACCEPTED"), `{"Id":"`+email(guest)+`","Type":"EMAIL"}`, `{"Id":"<guest>","Type":"ACCOUNT"}`, 1)
	r.hold(host, exchange{"InviteAccountToOrganization", invite, one(shown(third, "OPEN"))})
	r.hold(guest,
		exchange{"AcceptHandshake", id(third), one(came)},
		exchange{"DescribeHandshake", id(third), one(came)},
		exchange{"AcceptHandshake", id(third), already},
		exchange{"DeclineHandshake", id(third), transition},
	)
	r.hold(host, exchange{"CancelHandshake", id(third), transition})
}

// TestRecordedReceived: what a member received is the organization's, which the
// management account owns.
func TestRecordedReceived(t *testing.T) {
	w := newWorld(t)
	host := w.account(t)
	inNewOrganization(t, host, map[string]string{})
	for _, owner := range []string{"the management account", "the member"} {
		member, want := w.account(t), toldDenied
		join(t, host, member)
		account := member.Account
		if owner != "the member" {
			account = host.Account
		}
		caller := w.caller(t, member, statement{Effect: "Allow", Action: "organizations:ListHandshakesForAccount", Resource: "*",
			Condition: map[string]map[string]string{"StringEquals": {"aws:ResourceAccount": account}}})
		got := newObserved(t, nil).call(caller, "ListHandshakesForAccount", `{"Filter":{"ParentHandshakeId":"h-00000000"}}`)
		if owner != "the member" {
			want = `{"Handshakes":[]}`
		}
		same(t, owner, got, want)
	}
}
