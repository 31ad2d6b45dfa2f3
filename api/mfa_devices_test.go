package api_test

import (
	"bytes"
	"context"
	"image/png"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/pquerna/otp/totp"
)

// phoneARN is where makePhone puts its device.
const phoneARN = "arn:aws:iam::«ACCOUNT»:mfa/office/Phone"

// makePhone makes the entities and a device of nobody, Phone, tagged team=blue;
// made learns its serial number and its seed.
func makePhone(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makeEntities(t, root, made)
	out, err := root.IAM.CreateVirtualMFADevice(t.Context(), &iam.CreateVirtualMFADeviceInput{
		VirtualMFADeviceName: aws.String("Phone"), Path: aws.String("/office/"), Tags: []types.Tag{tag("team", "blue")},
	})
	if err != nil {
		t.Fatal(err)
	}
	made["serial"], made["seed"] = aws.ToString(out.VirtualMFADevice.SerialNumber), string(out.VirtualMFADevice.Base32StringSeed)
}

// makeInkPhone is makePhone with the device enabled for Ink.
func makeInkPhone(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makePhone(t, root, made)
	if err := enable(t.Context(), root, "Ink", made); err != nil {
		t.Fatal(err)
	}
}

// shown is what a device shows so many steps from now. A step is half a minute,
// and tests do not mind whether one ends between two lines of theirs.
func shown(made map[string]string, steps int) *string {
	code, err := totp.GenerateCode(made["seed"], time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		panic(err)
	}
	return aws.String(code)
}

// enable enables the device for a user. The code of the step after this one is
// still to be used.
func enable(ctx context.Context, c *clients, name string, made map[string]string) error {
	_, err := c.IAM.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
		UserName: aws.String(name), SerialNumber: aws.String(made["serial"]), AuthenticationCode1: shown(made, -1), AuthenticationCode2: shown(made, 0),
	})
	return err
}

// listed is the one virtual device of an account, of an assignment status.
func listed(t *testing.T, root *clients, status types.AssignmentStatusType) types.VirtualMFADevice {
	t.Helper()
	out, err := root.IAM.ListVirtualMFADevices(t.Context(), &iam.ListVirtualMFADevicesInput{AssignmentStatus: status})
	if err != nil || len(out.VirtualMFADevices) > 1 {
		t.Fatalf("%d devices, %v", len(out.VirtualMFADevices), err)
	}
	if len(out.VirtualMFADevices) == 0 {
		return types.VirtualMFADevice{}
	}
	return out.VirtualMFADevices[0]
}

func deviceTags(t *testing.T, root *clients, made map[string]string) string {
	t.Helper()
	out, err := root.IAM.ListMFADeviceTags(t.Context(), &iam.ListMFADeviceTagsInput{SerialNumber: aws.String(made["serial"])})
	if err != nil {
		t.Fatal(err)
	}
	return tagText(out.Tags)
}

func mfaDeviceCases() []actionCase {
	return append(virtualDeviceCases(), userDeviceCases()...)
}

func virtualDeviceCases() []actionCase {
	blue := "aws:ResourceTag/team"
	create := func(tags ...types.Tag) func(context.Context, *clients, map[string]string) error {
		return func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{
				VirtualMFADeviceName: aws.String("Phone"), Path: aws.String("/office/"), Tags: tags,
			})
			if err == nil {
				d := out.VirtualMFADevice
				made["serial"], made["seed"], made["png"], made["tags"] = *d.SerialNumber, string(d.Base32StringSeed), string(d.QRCodePNG), tagText(d.Tags)
			}
			return err
		}
	}
	created := func(t *testing.T, root *clients, made map[string]string) {
		d := listed(t, root, types.AssignmentStatusTypeUnassigned)
		same(t, "serial number", aws.ToString(d.SerialNumber), made["serial"])
		same(t, "in the list", string(d.Base32StringSeed)+string(d.QRCodePNG)+tagText(d.Tags), "")
		same(t, "user", d.User, nil)
		same(t, "tags", deviceTags(t, root, made), made["tags"])
		if img, err := png.Decode(bytes.NewReader([]byte(made["png"]))); err != nil || img.Bounds().Dx() != 256 {
			t.Errorf("the QR code: %v", err)
		}
		makeEntities(t, root, made)
		if err := enable(t.Context(), root, "Ink", made); err != nil { // by the seed that was answered
			t.Error(err)
		}
		_, err := root.IAM.CreateVirtualMFADevice(t.Context(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("Phone"), Path: aws.String("/office/")})
		wantError(t, "a second", err, "EntityAlreadyExists", "MFADevice entity at the same path and name already exists.")
	}
	return []actionCase{
		{
			action: "CreateVirtualMFADevice", call: create(), effect: created,
			grants: []grant{{"iam:CreateVirtualMFADevice", phoneARN}},
		},
		{
			action: "CreateVirtualMFADevice", call: create(tag("team", "red")), effect: created,
			grants: []grant{{"iam:CreateVirtualMFADevice", phoneARN}, {"iam:TagMFADevice", phoneARN}},
			key:    "aws:RequestTag/team", holds: "red", other: "blue",
		},
		{
			action: "DeleteVirtualMFADevice", setup: makePhone,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: aws.String(made["serial"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "serial number", aws.ToString(listed(t, root, "").SerialNumber), "")
				_, err := root.IAM.DeleteVirtualMFADevice(t.Context(), &iam.DeleteVirtualMFADeviceInput{SerialNumber: aws.String(made["serial"])})
				wantError(t, "deleted twice", err, "NoSuchEntity", "VirtualMFADevice with serial number "+made["serial"]+" doesn't exist.")
			},
			grants: []grant{{"iam:DeleteVirtualMFADevice", phoneARN}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ListVirtualMFADevices", setup: makeInkPhone,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeAssigned, MaxItems: aws.Int32(1)})
				if err == nil && len(out.VirtualMFADevices) == 1 && !out.IsTruncated {
					d := out.VirtualMFADevices[0]
					made["listed"] = aws.ToString(d.SerialNumber) + aws.ToString(d.User.Arn) + d.EnableDate.String()
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				d, err := root.IAM.GetMFADevice(t.Context(), &iam.GetMFADeviceInput{SerialNumber: aws.String(made["serial"]), UserName: ink})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "the device", made["listed"], aws.ToString(d.SerialNumber)+aws.ToString(getUser(t, root, "Ink").Arn)+d.EnableDate.String())
				same(t, "unassigned", aws.ToString(listed(t, root, types.AssignmentStatusTypeUnassigned).SerialNumber), "")
			},
			grants: []grant{{"iam:ListVirtualMFADevices", "*"}},
		},
		{
			action: "TagMFADevice", setup: makePhone,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.TagMFADevice(ctx, &iam.TagMFADeviceInput{SerialNumber: aws.String(made["serial"]), Tags: []types.Tag{tag("Team", "red"), tag("cost", "")}})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "tags", deviceTags(t, root, made), "cost= Team=red team=blue")
			},
			grants: []grant{{"iam:TagMFADevice", phoneARN}}, key: "aws:RequestTag/Team", holds: "red", other: "blue",
		},
		{
			action: "UntagMFADevice", setup: makePhone,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.UntagMFADevice(ctx, &iam.UntagMFADeviceInput{SerialNumber: aws.String(made["serial"]), TagKeys: []string{"team"}})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "tags", deviceTags(t, root, made), "")
			},
			tagKeys: "team", grants: []grant{{"iam:UntagMFADevice", phoneARN}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ListMFADeviceTags", setup: makePhone,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListMFADeviceTags(ctx, &iam.ListMFADeviceTagsInput{SerialNumber: aws.String(made["serial"])})
				if err == nil {
					made["tags"] = tagText(out.Tags)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "tags", made["tags"], "team=blue")
				if _, err := root.IAM.DeleteVirtualMFADevice(t.Context(), &iam.DeleteVirtualMFADeviceInput{SerialNumber: aws.String(made["serial"])}); err != nil {
					t.Fatal(err)
				}
				_, err := root.IAM.ListMFADeviceTags(t.Context(), &iam.ListMFADeviceTagsInput{SerialNumber: aws.String(made["serial"])})
				wantError(t, "of a deleted device", err, "NoSuchEntity", "VirtualMFADevice with serial number "+made["serial"]+" doesn't exist.")
			},
			grants: []grant{{"iam:ListMFADeviceTags", phoneARN}}, key: blue, holds: "blue", other: "red",
		},
	}
}

func userDeviceCases() []actionCase {
	blue := "iam:ResourceTag/team"
	return []actionCase{
		{
			action: "EnableMFADevice", setup: makePhone,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				return enable(ctx, c, "Ink", made)
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				out, err := root.IAM.ListMFADevices(t.Context(), &iam.ListMFADevicesInput{UserName: ink})
				if err != nil || len(out.MFADevices) != 1 || aws.ToString(out.MFADevices[0].SerialNumber) != made["serial"] {
					t.Fatalf("%+v, %v", out, err)
				}
				same(t, "assigned to", aws.ToString(listed(t, root, types.AssignmentStatusTypeAssigned).User.UserName), "Ink")
				_, err = root.IAM.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: ink})
				wantError(t, "DeleteUser", err, "DeleteConflict", "Cannot delete entity, must delete MFA device first.")
				_, err = root.IAM.DeleteVirtualMFADevice(t.Context(), &iam.DeleteVirtualMFADeviceInput{SerialNumber: aws.String(made["serial"])})
				wantError(t, "DeleteVirtualMFADevice", err, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")
				wantError(t, "enabled twice", enable(t.Context(), root, "Ink", made), "EntityAlreadyExists", "is already in use.")
			},
			grants: []grant{{"iam:EnableMFADevice", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ResyncMFADevice", setup: makeInkPhone,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				first, second := shown(made, 20), shown(made, 21)
				made["first"], made["second"] = *first, *second
				_, err := c.IAM.ResyncMFADevice(ctx, &iam.ResyncMFADeviceInput{
					UserName: ink, SerialNumber: aws.String(made["serial"]), AuthenticationCode1: first, AuthenticationCode2: second,
				})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				// The codes are used: whoever enables the device again needs others.
				if _, err := root.IAM.DeactivateMFADevice(t.Context(), &iam.DeactivateMFADeviceInput{UserName: ink, SerialNumber: aws.String(made["serial"])}); err != nil {
					t.Fatal(err)
				}
				again := func(first, second *string) error {
					_, err := root.IAM.EnableMFADevice(t.Context(), &iam.EnableMFADeviceInput{
						UserName: ink, SerialNumber: aws.String(made["serial"]), AuthenticationCode1: first, AuthenticationCode2: second,
					})
					return err
				}
				err := again(aws.String(made["first"]), aws.String(made["second"]))
				wantError(t, "the same codes", err, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
				same(t, "status", statusOf(err), 403)
				if err := again(shown(made, 22), shown(made, 23)); err != nil {
					t.Errorf("the codes after them: %v", err)
				}
			},
			grants: []grant{{"iam:ResyncMFADevice", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "DeactivateMFADevice", setup: makeInkPhone,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: ink, SerialNumber: aws.String(made["serial"])})
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "unassigned", aws.ToString(listed(t, root, types.AssignmentStatusTypeUnassigned).SerialNumber), made["serial"])
				_, err := root.IAM.DeactivateMFADevice(t.Context(), &iam.DeactivateMFADeviceInput{UserName: ink, SerialNumber: aws.String(made["serial"])})
				wantError(t, "deactivated twice", err, "NoSuchEntity", "MFA Device invalid for user.")
			},
			grants: []grant{{"iam:DeactivateMFADevice", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "GetMFADevice", setup: makeInkPhone,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.GetMFADevice(ctx, &iam.GetMFADeviceInput{UserName: ink, SerialNumber: aws.String(made["serial"])})
				if err == nil {
					made["got"] = aws.ToString(out.SerialNumber) + aws.ToString(out.UserName) + out.EnableDate.String()
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				d := listed(t, root, types.AssignmentStatusTypeAny)
				same(t, "the device", made["got"], aws.ToString(d.SerialNumber)+"Ink"+d.EnableDate.String())
			},
			grants: []grant{{"iam:GetMFADevice", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ListMFADevices", setup: makeInkPhone,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: ink})
				if err == nil && len(out.MFADevices) == 1 {
					made["got"] = aws.ToString(out.MFADevices[0].SerialNumber) + aws.ToString(out.MFADevices[0].UserName)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "the device", made["got"], aws.ToString(listed(t, root, "").SerialNumber)+"Ink")
			},
			grants: []grant{{"iam:ListMFADevices", inkUser}}, key: blue, holds: "blue", other: "red",
		},
	}
}
