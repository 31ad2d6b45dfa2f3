package wire

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// assumeRole is a request as SDKs write it.
const assumeRole = "Action=AssumeRole&DurationSeconds=900&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr&RoleSessionName=session&Version=2011-06-15"

// assumed is an answer with a token of the common length.
var assumed = &sts.AssumeRoleOutput{
	Credentials: &ststypes.Credentials{
		AccessKeyId: aws.String("ASIAQEAAAAAAAAAAAAAA"), SecretAccessKey: aws.String("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00"),
		SessionToken: aws.String(strings.Repeat("IQoJb3JpZ2luX2VjEAwaCXVz", 20)), Expiration: aws.Time(time.Unix(1e9, 0)),
	},
	AssumedRoleUser: &ststypes.AssumedRoleUser{
		Arn: aws.String("arn:aws:sts::123456789012:assumed-role/r/session"), AssumedRoleId: aws.String("AROAQEAAAAAAAAAAAAAAA:session"),
	},
}

// BenchmarkAssumeRole measures each part of the way of one call.
func BenchmarkAssumeRole(b *testing.B) {
	op := OpOf("sts", "AssumeRole")
	body := []byte(assumeRole)
	form, err := ParseForm(body)
	if err != nil {
		b.Fatal(err)
	}
	var in sts.AssumeRoleInput
	dst := make([]byte, 0, 2048)
	for _, part := range []struct {
		name string
		do   func() error
	}{
		{"ParseForm", func() error { _, err := ParseForm(body); return err }},
		{"DecodeQuery", func() error { in = sts.AssumeRoleInput{}; return DecodeQuery(op, form, &in) }},
		{"Validate", func() error { return Validate(op, &in) }},
		{"EventIn", func() error { dst = AppendEvent(dst[:0], op, &in); return nil }},
		{"EncodeQuery", func() (err error) { dst, err = EncodeQuery(dst[:0], op, "id", assumed); return err }},
		{"EventOut", func() error { dst = AppendEvent(dst[:0], op, assumed); return nil }},
	} {
		b.Run(part.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := part.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkGetCallerIdentity(b *testing.B) {
	b.ReportAllocs()
	out := &sts.GetCallerIdentityOutput{Account: aws.String("123456789012"), Arn: aws.String("arn:aws:iam::123456789012:user/u"), UserId: aws.String("AIDA")}
	op, dst := OpOf("sts", "GetCallerIdentity"), make([]byte, 0, 1024)
	for b.Loop() {
		f, err := ParseForm([]byte("Action=GetCallerIdentity&Version=2011-06-15"))
		if err != nil {
			b.Fatal(err)
		}
		var in sts.GetCallerIdentityInput
		if err := DecodeQuery(op, f, &in); err != nil {
			b.Fatal(err)
		}
		if err := Validate(op, &in); err != nil {
			b.Fatal(err)
		}
		if dst, err = EncodeQuery(dst[:0], op, "id", out); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetUserOut(b *testing.B) {
	b.ReportAllocs()
	out := &iam.GetUserOutput{User: &iamtypes.User{
		Arn: aws.String("arn:aws:iam::123456789012:user/u"), UserId: aws.String("AIDA"), UserName: aws.String("u"), Path: aws.String("/"),
		CreateDate: aws.Time(time.Unix(1e9, 0)), Tags: []iamtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
	}}
	op, dst := OpOf("iam", "GetUser"), make([]byte, 0, 1024)
	var err error
	for b.Loop() {
		if dst, err = EncodeQuery(dst[:0], op, "id", out); err != nil {
			b.Fatal(err)
		}
	}
}
