package saml

// Key is a condition key that an attribute is known by. Many marks one that has
// a list of values.
type Key struct {
	Name   string
	Values []string
	Many   bool
}

// conditionKeys are the attributes that AWS makes condition keys of, those of
// one key in the order in which they are asked.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html#saml-attribute-mapping
var conditionKeys = []struct {
	key, attribute string
	many           bool
}{
	{"eduPersonAffiliation", "urn:oid:1.3.6.1.4.1.5923.1.1.1.1", true},
	{"eduPersonNickname", "urn:oid:1.3.6.1.4.1.5923.1.1.1.2", true},
	{"eduPersonOrgDN", "urn:oid:1.3.6.1.4.1.5923.1.1.1.3", false},
	{"eduPersonOrgUnitDN", "urn:oid:1.3.6.1.4.1.5923.1.1.1.4", true},
	{"eduPersonPrimaryAffiliation", "urn:oid:1.3.6.1.4.1.5923.1.1.1.5", false},
	{"eduPersonPrincipalName", "urn:oid:1.3.6.1.4.1.5923.1.1.1.6", false},
	{"eduPersonEntitlement", "urn:oid:1.3.6.1.4.1.5923.1.1.1.7", true},
	{"eduPersonPrimaryOrgUnitDN", "urn:oid:1.3.6.1.4.1.5923.1.1.1.8", false},
	{"eduPersonScopedAffiliation", "urn:oid:1.3.6.1.4.1.5923.1.1.1.9", true},
	{"eduPersonTargetedID", "urn:oid:1.3.6.1.4.1.5923.1.1.1.10", true},
	{"eduPersonAssurance", "urn:oid:1.3.6.1.4.1.5923.1.1.1.11", true},
	{"eduOrgHomePageURI", "urn:oid:1.3.6.1.4.1.5923.1.2.1.2", true},
	{"eduOrgIdentityAuthNPolicyURI", "urn:oid:1.3.6.1.4.1.5923.1.2.1.3", true},
	{"eduOrgLegalName", "urn:oid:1.3.6.1.4.1.5923.1.2.1.4", true},
	{"eduOrgSuperiorURI", "urn:oid:1.3.6.1.4.1.5923.1.2.1.5", true},
	{"eduOrgWhitePagesURI", "urn:oid:1.3.6.1.4.1.5923.1.2.1.6", true},
	{"cn", "urn:oid:2.5.4.3", true},
	{"name", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", false},
	{"commonName", "http://schemas.xmlsoap.org/claims/CommonName", false},
	{"commonName", "2.5.4.3", false},
	{"givenName", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", false},
	{"givenName", "2.5.4.42", false},
	{"givenName", "2.4.5.42", false}, // as AWS's page has it
	{"surname", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", false},
	{"surname", "2.5.4.4", false},
	{"mail", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", false},
	{"mail", "0.9.2342.19200300100.1.3", false},
	{"primaryGroupSID", "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", false},
	{"uid", "0.9.2342.19200300100.1.1", false},
	{"x500UniqueIdentifier", "2.5.4.45", false},
	{"organizationStatus", "0.9.2342.19200300.100.1.45", false},
}

// Keys are the condition keys of the role's trust policy, for an assertion that
// a provider of an account made. Of two attributes of one key, and of two values
// of a single one, the first counts: AWS maps one.
func (a *Assertion) Keys(account, provider string) []Key {
	one := func(name, value string) Key { return Key{Name: "saml:" + name, Values: []string{value}} }
	list := []Key{
		one("aud", a.Recipient), one("iss", a.Issuer), one("sub", a.Subject),
		one("namequalifier", a.NameQualifier(account, provider)), one("doc", account+"/"+provider),
	}
	if a.Format != "" {
		list = append(list, one("sub_type", a.Format))
	}
	last := ""
	for _, k := range conditionKeys {
		values := a.attributes[k.attribute]
		if len(values) == 0 || k.key == last {
			continue
		}
		last = k.key
		if !k.many {
			values = values[:1]
		}
		list = append(list, Key{Name: "saml:" + k.key, Values: values, Many: k.many})
	}
	return list
}
