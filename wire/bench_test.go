package wire

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const assumeRole = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr&RoleSessionName=session&DurationSeconds=900"

func BenchmarkAssumeRoleIn(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		f, err := ParseForm([]byte(assumeRole))
		if err != nil {
			b.Fatal(err)
		}
		var in sts.AssumeRoleInput
		if err := DecodeQuery(f, &in); err != nil {
			b.Fatal(err)
		}
		if err := Validate(Op{"sts", "AssumeRole"}, &in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetCallerIdentity(b *testing.B) {
	b.ReportAllocs()
	out := &sts.GetCallerIdentityOutput{Account: aws.String("123456789012"), Arn: aws.String("arn:aws:iam::123456789012:user/u"), UserId: aws.String("AIDA")}
	dst := make([]byte, 0, 1024)
	for b.Loop() {
		f, err := ParseForm([]byte("Action=GetCallerIdentity&Version=2011-06-15"))
		if err != nil {
			b.Fatal(err)
		}
		var in sts.GetCallerIdentityInput
		if err := DecodeQuery(f, &in); err != nil {
			b.Fatal(err)
		}
		if err := Validate(Op{"sts", "GetCallerIdentity"}, &in); err != nil {
			b.Fatal(err)
		}
		if dst, err = EncodeQuery(dst[:0], Op{"sts", "GetCallerIdentity"}, "id", out); err != nil {
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
	dst := make([]byte, 0, 1024)
	var err error
	for b.Loop() {
		if dst, err = EncodeQuery(dst[:0], Op{"iam", "GetUser"}, "id", out); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvent(b *testing.B) {
	b.ReportAllocs()
	in := &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String("session")}
	var dst []byte
	for b.Loop() {
		if dst = AppendEvent(dst[:0], Op{"sts", "AssumeRole"}, in); len(dst) < 10 {
			b.Fatal("no event")
		}
	}
}
