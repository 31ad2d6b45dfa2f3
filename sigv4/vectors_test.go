package sigv4

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// AWS's examples use two secrets that differ in one byte: S3's has a slash for
// the plus.
const (
	exampleSecret   = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	exampleSecretS3 = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// wire is what a server makes of a raw request, with its body.
func wire(t testing.TB, raw string) (*http.Request, [32]byte) {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, raw)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, sha256.Sum256(body)
}

func TestDeriveKey(t *testing.T) {
	for _, c := range []struct{ date, region, service, want string }{
		{"20150830", "us-east-1", "iam", "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"},
		{"20120215", "us-east-1", "iam", "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"},
	} {
		k := DeriveKey(exampleSecret, c.date, c.region, c.service)
		if got := hex.EncodeToString(k[:]); got != c.want {
			t.Errorf("%v: got %s", c, got)
		}
	}
}

// TestPublished verifies requests whose signatures AWS published: in the guide
// (ListUsers), in the signature version 4 test suite, in the S3 reference.
func TestPublished(t *testing.T) {
	suite := func(target, headers, signed, mac string) string {
		method, path, _ := strings.Cut(target, " ")
		return method + " " + path + " HTTP/1.1\r\nHost: example.amazonaws.com\r\nX-Amz-Date: 20150830T123600Z\r\n" + headers +
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=" +
			signed + ", Signature=" + mac + "\r\n\r\n"
	}
	const hd = "host;x-amz-date"
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	s3 := func(target, headers, signed, mac string) string {
		return target + " HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\nX-Amz-Date: 20130524T000000Z\r\n" +
			"X-Amz-Content-Sha256: " + empty + "\r\n" + headers +
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
			signed + ",Signature=" + mac + "\r\n\r\n"
	}
	norm := Options{NormalizePath: true}
	for name, c := range map[string]struct {
		raw string
		opt Options
	}{
		"ListUsers": {"GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\r\nHost: iam.amazonaws.com\r\n" +
			"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nX-Amz-Date: 20150830T123600Z\r\n" +
			"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, " +
			"SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\r\n\r\n",
			Options{Service: "iam", Region: "us-east-1", DoubleEncode: true, NormalizePath: true}},
		"get-vanilla": {suite("GET /", "", hd, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"), norm},
		"get-vanilla-query-order-key-case": {suite("GET /?Param2=value2&Param1=value1", "", hd,
			"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"), norm},
		"get-utf8":  {suite("GET /%E1%88%B4", "", hd, "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"), norm},
		"get-space": {suite("GET /example%20space/", "", hd, "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"), norm},
		"get-slashes": {suite("GET //example//", "", hd,
			"9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"), norm},
		"get-slash-pointless-dot": {suite("GET /./example", "", hd,
			"ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"), norm},
		"get-relative": {suite("GET /example1/example2/../..", "", hd,
			"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"), norm},
		"get-header-key-duplicate": {suite("GET /", "My-Header1: value2\r\nMy-Header1: value2\r\nMy-Header1: value1\r\n",
			"host;my-header1;x-amz-date", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"), norm},
		"get-header-value-trim": {suite("GET /", "My-Header1:  value1\r\nMy-Header2:  \"a   b   c\"\r\n",
			"host;my-header1;my-header2;x-amz-date", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"), norm},
		"post-vanilla": {suite("POST /", "", hd, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"), norm},
		"s3-range": {s3("GET /test.txt", "Range: bytes=0-9\r\n", "host;range;x-amz-content-sha256;x-amz-date",
			"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"), Options{Service: "s3"}},
		"s3-lifecycle": {s3("GET /?lifecycle", "", "host;x-amz-content-sha256;x-amz-date",
			"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"), Options{Service: "s3"}},
		"s3-presigned": {"GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
			"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
			"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\n\r\n",
			Options{Service: "s3", AllowUnsigned: true, MaxExpires: 7 * 24 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			r, body := wire(t, c.raw)
			s, err := Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			secret := exampleSecret
			if s.Service == "s3" {
				secret = exampleSecretS3
			}
			key := DeriveKey(secret, s.Date, s.Region, s.Service)
			if err := s.Verify(r, body, key, s.Time.Add(time.Minute), c.opt); err != nil {
				got, _ := s.appendCanonical(nil, r, &c.opt)
				t.Fatalf("%v\n%s", err, got)
			}
			key[7] ^= 1
			if err := s.Verify(r, body, key, s.Time, c.opt); kindOf(err) != Mismatch {
				t.Fatalf("another key: %v", err)
			}
		})
	}
}
