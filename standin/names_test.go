package standin

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func names() *Names {
	return NewNames(NamesConfig{
		APIs: []string{"sellingpartnerapi-na.amazon.com", "sandbox.sellingpartnerapi-na.amazon.com", "Shop.Test", "orders.example.com", "10.0.0.1", "bad host"}, ExecuteAPI: true,
	})
}

// TestDoors holds which name leads where; a name with a door has a certificate for
// it, and one without has none.
func TestDoors(t *testing.T) {
	n := names()
	for name, want := range map[string]Door{
		"iam.amazonaws.com": AWS, "iam-fips.amazonaws.com": AWS, "iam.global.api.aws": AWS, "iam.us-gov.amazonaws.com": AWS,
		"iam.cn-north-1.amazonaws.com.cn": AWS, "sts.amazonaws.com": AWS, "sts.us-east-1.amazonaws.com": AWS, "sts-fips.us-west-2.amazonaws.com": AWS,
		"sts.eu-central-2.api.aws": AWS, "sts.us-gov-east-1.amazonaws.com": AWS, "sts.ap-southeast-7.amazonaws.com": AWS,
		"organizations.us-east-1.amazonaws.com": AWS, "organizations.us-gov-west-1.amazonaws.com": AWS, "organizations.cn-northwest-1.amazonaws.com.cn": AWS,
		"access-analyzer.eu-west-1.amazonaws.com": AWS, "access-analyzer.eu-west-1.api.aws": AWS,
		"api.amazon.com": LWA, "api.amazon.co.uk": LWA, "api.amazon.co.jp": LWA,
		"sellingpartnerapi-na.amazon.com": API, "sandbox.sellingpartnerapi-na.amazon.com": API, "shop.test": API,
		"abc123.execute-api.us-east-1.amazonaws.com": API, "abc123.execute-api.cn-north-1.amazonaws.com.cn": API,
		"localhost": Local, "127.0.0.1": Local, "127.0.0.53": Local,

		"sellingpartnerapi-eu.amazon.com": None, // no API has it
		"orders.example.com":              None, // the authority may not vouch for it
		"www.amazon.com":                  None, "amazon.com": None, "sandbox.api.amazon.com": None, "amazonaws.com": None,
		"s3.amazonaws.com": None, "iam.sts.amazonaws.com": None, "xsts.amazonaws.com": None, "sts.us-east-1.amazonaws.com.evil.test": None,
		"sts..amazonaws.com": None, "sts.us-east.amazonaws.com": None, "sts.us_east-1.amazonaws.com": None, "sts.us-east-1.us-east-1.amazonaws.com": None,
		"sts.us-east-123.amazonaws.com": None, "execute-api.us-east-1.amazonaws.com": None, "a.b.execute-api.us-east-1.amazonaws.com": None,
		"stsxamazonaws.com": None, "10.0.0.1": None, "0.0.0.0": None, "": None, "test": None,
	} {
		if got := n.Door(name); got != want {
			t.Errorf("%q leads to %d; want %d", name, got, want)
		}
		if name == "" {
			continue // in a handshake it means localhost
		}
		cert := n.Certificate(name)
		if (len(cert) > 0) != (want != None) {
			t.Errorf("%q has the certificate %v, and leads to %d", name, cert, want)
		}
		wild := strings.Contains(name, "execute-api")
		if len(cert) > 0 && !wild && want != Local && !slices.Equal(cert, []string{name}) {
			t.Errorf("%q has the certificate %v", name, cert)
		}
		for _, covered := range cert {
			if _, ok := nameOf(strings.TrimPrefix(covered, "*.")); ok && want != Local && !Vouched(strings.TrimPrefix(covered, "*.")) {
				t.Errorf("%q is outside the authority's domains", covered)
			}
		}
	}
	if got := n.Certificate("ABC.execute-api.eu-west-1.amazonaws.com"); !slices.Equal(got, []string{"*.execute-api.eu-west-1.amazonaws.com"}) {
		t.Errorf("an API's default endpoint: %v", got)
	}
	if got := n.Certificate(""); !slices.Equal(got, []string{"localhost", "127.0.0.1", "::1"}) {
		t.Errorf("no name: %v", got)
	}
	if NewNames(NamesConfig{}).Door("a.execute-api.us-east-1.amazonaws.com") != None {
		t.Error("an endpoint without APIs")
	}
}

func TestHost(t *testing.T) {
	for host, want := range map[string]string{
		"sts.amazonaws.com": "sts.amazonaws.com", "STS.AmazonAWS.com:8443": "sts.amazonaws.com", "sts.amazonaws.com.": "sts.amazonaws.com",
		"sts.amazonaws.com.:443": "sts.amazonaws.com", "127.0.0.1:8443": "127.0.0.1", "[::1]:8443": "::1", "[0:0::1]": "::1", "localhost": "localhost",

		"": "", ":443": "", "sts.amazonaws.com:": "", "sts.amazonaws.com:0": "", "sts.amazonaws.com:65536": "", "sts.amazonaws.com:44x": "", "a:1:2": "",
		"sts.amazonaws.com..": "", "-a.test": "", "a-.test": "", "a b.test": "", "user@sts.amazonaws.com": "", "sts.amazonaws.com/x": "", "::1": "", "[::1": "",
		"[127.0.0.1]": "", "[fe80::1%25eth0]": "", "st\u017f.amazonaws.com": "", "\u212aey.test": "", strings.Repeat("a", 64) + ".test": "", strings.Repeat("a.", 127) + "test": "",
	} {
		got, ok := Host(host)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v; want %q", host, got, ok, want)
		}
	}
}

func TestSellingPartner(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Regions {
		for _, h := range r.Hosts {
			if seen[h] || !Vouched(h) {
				t.Errorf("%s stands twice, or no authority vouches for it", h)
			}
			seen[h] = true
		}
	}
	if len(seen) != 6 || !json.Valid([]byte(Policy)) || len(Document) < 1000 {
		t.Errorf("%d hosts, a document of %d bytes", len(seen), len(Document))
	}
}

func FuzzHost(f *testing.F) {
	for _, s := range []string{"sts.amazonaws.com:443", "[::1]:1", "a.execute-api.us-east-1.amazonaws.com.", "K.test"} {
		f.Add(s)
	}
	n := names()
	f.Fuzz(func(t *testing.T, s string) {
		name, ok := Host(s)
		if !ok {
			return
		}
		again, ok := Host(name)
		if strings.Contains(name, ":") {
			again, ok = Host("[" + name + "]")
		}
		if !ok || again != name {
			t.Errorf("%q is read as %q, and that as %q", s, name, again)
		}
		if !strings.Contains(name, ":") && (n.Door(name) == None) != (n.Certificate(name) == nil) {
			t.Errorf("%q: door and certificate differ", name)
		}
	})
}
