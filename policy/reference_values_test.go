package policy_test

// The alphabets are small, so that requests and policies meet often.
var (
	services  = []string{"s3", "s3", "s3", "sqs", "iam", "sts", "execute-api", "svc"}
	verbs     = []string{"Get", "GetObject", "GetObjectVersion", "Put", "PutObject", "List", "Invoke", "AssumeRole", "D\u00e9j\u00e0"}
	regions   = []string{"us-east-1", "eu-west-1", "", "us-\u00e9ast-1", "us-east-2:x-1"}
	accounts  = []string{home, home, away, ""}
	paths     = []string{"bucket", "bucket/key", "bucket/alice/x", "bucket/red/1", "role/app", "a:b", "b\u00fccher/1", "x", "bucket/*", "k\xff"}
	keyKinds  = "sssssnndbkiattu"
	valuesFor = map[byte][]string{
		's': {"red", "Red", "r\u00e9d", "R\u00c9D", "\u039f\u03a3", "\u03bf\u03c2", "\u03bf\u03c3", "\u212aed", "Ked", "\u017f", "S", "\u0130", "i\u0307", "blue", "r*d", "r?d", "r*", "*", "", "re", "alice", "a:b", "rxd"},
		'n': {"1", "2", "2.0", "10", "-1", "1e1", "0.5", "ten", ""},
		'd': {"2020-01-01", "2020-01-01T00:00:00Z", "1577836800", "2021-06-30T12:00:00+02:00", "2021-06-30T10:00:00Z", "1990", "soon", ""},
		'b': {"true", "false", "TRUE", "False", "1", ""},
		'k': {"QQ==", "Qg==", "QUI=", "*", ""},
		'i': {"203.0.113.9", "203.0.113.200", "192.0.2.1", "2001:db8::1", "2001:DB8:0::1", "::ffff:203.0.113.9", "nowhere", ""},
		'a': {
			"arn:aws:s3:::bucket", "arn:aws:sns:us-east-1:" + home + ":topic-1", "arn:aws:sns:us-east-1:x:" + home + ":topic-1",
			"arn:aws:iam::" + home + ":role/app", "topic", "arn:aws:s3:::r*d", "",
		},
		't': {"team", "Team", "cost", "\u212aey", "key", "KEY", "", "\u00e9tage", "\u00c9TAGE"},
		'u': {"alice", "bob", "al*", "a?ice", "", "${a:s0}", "al\xffce"},
	}
	// patternsFor are values that only a policy has, beside those of the request.
	patternsFor = map[byte][]string{
		's': {"r*", "?ed", "*e*", "${a:s0}", "${a:s1, 'red'}", "${aws:username}*", "${*}", "x-${?}", "${bad", "${a:none}", "${}", "*r*e*d*", "${A:S0}", "${a:s1}${a:s1}*"},
		'n': {"1.5", "+2", "${a:n0}"},
		'd': {"2020", "2020-06", "1577836801", "2020-01-01T00:00:00.5Z"},
		'b': {"${a:b0}"},
		'k': {"Q"},
		'i': {"203.0.113.0/24", "0.0.0.0/0", "2001:db8::/32", "::/0", "203.0.113.0/33", "::ffff:203.0.113.0/120", "203.0.113.*"},
		'a': {
			"arn:aws:s3:::*", "arn:aws:sns:*:" + home + ":topic-*", "arn:*:*:*:*:*", "arn:aws:s3:::${a:s0}", "${a:a0}", "arn:aws:s3",
			"arn:aws:iam::${aws:username}:*", "x:${aws:username}", "arn:aws:s3:::${a:none}", "${a:none}", "arn:aws:s3:::r?d", "arn:aws:${aws:username}",
		},
		't': {"te*", "k?y", "${a:t0}", "${a:k}"},
		'u': {"*", "${aws:username}", "a*", "${aws:PrincipalTag/Team}", "${aws:username, 'bob'}"},
	}
	operatorsFor = map[byte][]string{
		's': {"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringLike", "StringNotLike"},
		'n': {"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"},
		'd': {"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"},
		'b': {"Bool"},
		'k': {"BinaryEquals"},
		'i': {"IpAddress", "NotIpAddress"},
		'a': {"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"},
	}
	strangeOperators = []string{"StringMatches", "stringEquals", "BinaryNotEquals", "NullIfExists", "ForAnyValue:Null", "ForAllValues:ForAnyValue:Bool", ""}
)

// operatorsOf are the operators for values of a kind.
func operatorsOf(kind byte) []string {
	if kind == 't' || kind == 'u' {
		kind = 's'
	}
	return operatorsFor[kind]
}

const (
	home = "111122223333"
	away = "444455556666"
)

// keyOf is a condition key whose values are of a kind.
func keyOf(d *dice, kind byte) string {
	switch kind {
	case 'i':
		return pick(d, []string{"aws:SourceIp", "AWS:sourceip"})
	case 't':
		return pick(d, []string{"aws:TagKeys", "aws:tagkeys", "a:t0"})
	case 'u':
		return pick(d, []string{"aws:username", "aws:PrincipalTag/Team", "aws:principaltag/TEAM"})
	}
	return pick(d, []string{"a:", "a:", "A:"}) + string(kind) + pick(d, []string{"0", "0", "1"})
}

// kindOf is the kind of a key's values.
func kindOf(key string) byte {
	switch asciiLower(key) {
	case "aws:sourceip":
		return 'i'
	case "aws:tagkeys":
		return 't'
	case "aws:username", "aws:principaltag/team":
		return 'u'
	}
	return key[2]
}
