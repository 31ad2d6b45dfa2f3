package policy

import "testing"

// TestLegacyResources: what AWS's older parser makes of resources.
func TestLegacyResources(t *testing.T) {
	for _, r := range []string{
		"*", "arn:aws:s3:::b", "arn:*:s3:::b", "arn:aws:execute-api:*", "arn:aws:s3:*", "arn:aws:iam:*", "arn:aws:sqs:us-east-1:*",
		"arn:aws:ec2:region:account-id:instance/*", "arn:aws:rds:region:*:*", "arn:aws:ec2:*:1234????9012:instance/*",
		"arn:aws:iam::aws:policy/*", "arn:aws:imagebuilder:*:aws-marketplace:image/x", "arn:aws:kms:*:${aws:PrincipalAccount}:key/*",
		"arn:aws:cloudwatch:us-east-1::b", "arn:aws:invalid-service:::b", "arn:aws:iam::*:root", "arn:aws-us-gov:iam::111122223333:*",
	} {
		checkIs(t, document(resource(r)), Identity, CheckOptions{}, "")
	}
	for _, r := range []string{
		"arn:aws:s3", "arn:aws:s3:b", "arn:aws:s3::b", "arn:aws:sns:us-east-1:111122223333", "arn:aws::fdsasf", "arn:aws::::b", "arn:awss3::b/*",
		"arn:aws:iam:111122223333:user/da@st", "arn:aws:iam::ACCOUNT_ID:user/x", "arn:aws:sts::<ACCOUNT_ID>:federated-user/x",
		"arn:aws:ssm:eu-west-1:#{AWS::AccountId}:parameter/x", "arn:aws:iam::{$ACCOUNT}:role/eksctl-*", "arn:aws:iam::12345678901:role/x",
		"arn:aws:iam::1111222233334:role/x", "arn:aws:iam:: :role/x", "arn:aws:", "arn::s3::b",
	} {
		want := msgLegacy
		if r == "arn::s3::b" {
			want = `Partition "" is not valid for resource "arn::s3::b:*".`
		}
		checkIs(t, document(resource(r)), Identity, CheckOptions{}, want)
		checkIs(t, document(`{"Effect":"Deny","Action":"s3:x","NotResource":["*","`+r+`"]}`), Boundary, CheckOptions{}, want)
	}
	checkIs(t, document(resource("s3::b/*")), Identity, CheckOptions{}, `Partition "" is not valid for resource "arn::b/*:*:*:*".`)
	checkIs(t, document(resource("arn:aws2:s3:::b/*")), Identity, CheckOptions{}, `Partition "aws2" is not valid for resource "arn:aws2:s3:::b/*".`)
}

func when(operator, value string) string {
	return `{"Effect":"Allow","Action":"s3:x",` + bucket + `,"Condition":{"` + operator + `":{"a:b":` + value + `}}}`
}

// TestLegacyConditions: values that can't be what the operator compares.
func TestLegacyConditions(t *testing.T) {
	for operator, values := range map[string][]string{
		"DateLessThan": {
			`"2019-07-01T13:20:15Z"`, `"2016-12-13T21:20:37.593194+00:00"`, `"2016-12-13t2:00:00.593194+23"`, `"-292275054"`, `"01T"`, `"2020"`,
			`"9223372036854775807"`, `1593561600`, `"2020-02"`, `"2020-02-29"`, `"2020-02-03 04:05"`, `"2020-02-03T04:05:06-0330"`, `[]`, `"0000-01-01"`,
		},
		"NumericLessThanIfExists": {`"10"`, `"-1.5"`, `1e3`, `["1","2"]`},
		"NotIpAddress":            {`"203.0.113.0/24"`, `"::1"`, `"2001:db8::/32"`, `["10.0.0.1","10.0.0.0/8"]`},
		"ArnLike":                 {`"*"`, `"arn:aws:iam::*:role/x"`, `"arn:aws:sns:*"`, `"${aws:PrincipalArn}"`},
		"BinaryEquals":            {`"QUI="`, `""`},
		"StringEquals":            {`"x"`, `true`, `1.50`},
		"Bool":                    {`true`, `"false"`},
	} {
		for _, v := range values {
			checkIs(t, document(when(operator, v)), Identity, CheckOptions{}, "")
		}
	}
	for operator, values := range map[string][]string{
		"DateLessThanEquals": {
			`"sdfdsf"`, `"234-13"`, `"2016-12-13t2:00:00.593194+1"`, `"2016-12-13t2:00:00.1999999999+10:59"`, `"9223372036854775808"`, `""`, `true`,
			`"2020-02-30"`, `"2020-01-01-01"`, `"2020-01-01T24:00"`, `"2020-01-01T00:60"`, `"2020-01-01T00:00:00:00"`, `"2020-01-01T00:00:00Z+01"`,
			`"2020-01-01T00:00:00+24"`, `"2020-01-01T00:00:00+0160"`, `"2020-01-01T00:00:00.Z"`, `"292278994"`, `"292278994-01"`, `"-292275055"`, `"--1"`, `"2020-01-01TZ"`, `"${aws:CurrentTime}"`,
		},
		"NumericEquals":              {`"ten"`, `""`, `true`, `"${a:b}"`},
		"ForAnyValue:IpAddress":      {`"example.com"`, `"256.0.0.1"`, `"10.0.0.0/33"`, `"fe80::1%eth0"`},
		"ForAllValues:ArnNotEquals":  {`"x"`, `"arn:aws:iam"`, `"*:role/x"`, `""`},
		"DateGreaterThanIfExists":    {`["2020","x"]`},
		"ForAllValues:NumericEquals": {`["1","x"]`},
	} {
		for _, v := range values {
			want := msgLegacy
			if operator == "DateLessThanEquals" && v == `"292278994"` {
				want = "" // digits alone are seconds
			}
			checkIs(t, document(when(operator, v)), Identity, CheckOptions{}, want)
		}
	}
	checkIs(t, document(when("BinaryEquals", `"not base64"`)), Identity, CheckOptions{}, msgSyntax)
}

func TestVendorForms(t *testing.T) {
	for a, want := range map[string]string{
		"s3s:x": "", "s3-s:x": "", "s3.s:x": "", "iam: asdf safdsf af ": "", "*:*": "", "s3*:Get": msgWildVendor, "?:x": msgWildVendor,
		"*": "", "iam :Get": "Vendor iam  is not valid", "s3:x:y": msgColons, "": msgNoVendor,
	} {
		checkIs(t, document(action(a)), Identity, CheckOptions{Managed: true}, want)
	}
}
