package api

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"iter"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/pquerna/otp"

	"iamd/guard"
	"iamd/iam"
)

// mfaDeviceActions are the rows of MFA devices and their tags. Passkeys are
// registered in the console; tags are virtual devices' alone, as with AWS.
func mfaDeviceActions() []Action {
	return []Action{
		prepared(write("CreateVirtualMFADevice", checkNewMFADevice, (*API).createVirtualMFADevice), (*API).prepareMFADevice),
		write("DeleteVirtualMFADevice", onMFADevice(func(in *sdk.DeleteVirtualMFADeviceInput) *string { return in.SerialNumber }), (*API).deleteVirtualMFADevice),
		read("ListVirtualMFADevices", checkListVirtualMFADevices, (*API).listVirtualMFADevices),

		write("EnableMFADevice", onMFAOwner(func(in *sdk.EnableMFADeviceInput) *string { return in.UserName }), (*API).enableMFADevice),
		write("ResyncMFADevice", onMFAOwner(func(in *sdk.ResyncMFADeviceInput) *string { return in.UserName }), (*API).resyncMFADevice),
		write("DeactivateMFADevice", onMFAOwner(func(in *sdk.DeactivateMFADeviceInput) *string { return in.UserName }), (*API).deactivateMFADevice),
		read("GetMFADevice", onMFAOwner(func(in *sdk.GetMFADeviceInput) *string { return in.UserName }), (*API).getMFADevice),
		read("ListMFADevices", onMFAOwner(func(in *sdk.ListMFADevicesInput) *string { return in.UserName }), (*API).listMFADevices),

		write("TagMFADevice", checkTagMFADevice, (*API).tagMFADevice),
		write("UntagMFADevice", checkUntagMFADevice, (*API).untagMFADevice),
		read("ListMFADeviceTags", onMFADevice(func(in *sdk.ListMFADeviceTagsInput) *string { return in.SerialNumber }), (*API).listMFADeviceTags),
	}
}

// mfaOwner finds whose device a request means; nil is the root user. Some
// requests must name a user, and the root user has no name: it means itself by
// its user id, the account number, unless a user is called so.
func mfaOwner(c *Call, name *string) (*iam.User, error) {
	if c.isRoot() && aws.ToString(name) == c.Account.ID {
		if _, err := c.Account.User(*name); err != nil {
			return nil, nil
		}
	}
	return userOrCaller(c, name)
}

// onMFAOwner asks for an action on the user that mfaOwner finds.
func onMFAOwner[I any](name func(*I) *string) checks[I] {
	named := onUserOrCaller(name)
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		if u, err := mfaOwner(c, name(in)); err == nil && u == nil {
			return one(guard.Check{Action: action, Resource: c.Account.RootARN()})
		}
		return named(c, action, in)
	}
}

// mfaCheck asks for a device by its serial number, be there such a device or
// not: what is asked for is what is found, to the letter.
func mfaCheck(c *Call, action, serial string) guard.Check {
	check := guard.Check{Action: action, Resource: serial}
	if m, err := c.Account.MFADevice(serial); err == nil {
		check.Tags = m.Tags
		if c.asAssumedRoot() && c.Account.RootDevice(m) {
			check.Resource = c.Account.RootARN() // which is all that task policies leave
		}
	} else if !strings.HasPrefix(serial, "arn:") {
		check.Resource = c.Account.Serial(&iam.MFADevice{Path: "/", Name: serial})
	}
	return check
}

func onMFADevice[I any](serial func(*I) *string) checks[I] {
	return func(c *Call, action string, in *I) ([]guard.Check, error) {
		return one(mfaCheck(c, action, aws.ToString(serial(in))))
	}
}

func checkNewMFADevice(c *Call, action string, in *sdk.CreateVirtualMFADeviceInput) ([]guard.Check, error) {
	arn := c.Account.Serial(&iam.MFADevice{Path: pathOr(in.Path), Name: aws.ToString(in.VirtualMFADeviceName)})
	return newEntityChecks(action, "iam:TagMFADevice", arn, nil, in.Tags), nil
}

// checkListVirtualMFADevices asks for everything; a denial names where devices
// are.
func checkListVirtualMFADevices(c *Call, action string, _ *sdk.ListVirtualMFADevicesInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*", Named: c.Account.Serial(&iam.MFADevice{Path: "/"})})
}

func checkTagMFADevice(c *Call, action string, in *sdk.TagMFADeviceInput) ([]guard.Check, error) {
	check := mfaCheck(c, action, aws.ToString(in.SerialNumber))
	check.RequestTags = readTags(in.Tags)
	return one(check)
}

func checkUntagMFADevice(c *Call, action string, in *sdk.UntagMFADeviceInput) ([]guard.Check, error) {
	check := mfaCheck(c, action, aws.ToString(in.SerialNumber))
	check.TagKeys = in.TagKeys
	return one(check)
}

// newSeed is a device's seed, and the picture of it for an app to read.
type newSeed struct {
	text string // base32
	png  []byte
}

// The picture in pixels, and the white border that readers of QR codes need.
const (
	qrSize   = 256
	qrBorder = 16
)

// prepareMFADevice makes the seed, and draws it outside of any draft.
func (a *API) prepareMFADevice(c *Call, in *sdk.CreateVirtualMFADeviceInput) error {
	return a.hashing.Do(c.Context, c.Account.ID, func() error {
		seed := newSeed{text: iam.NewSeed(a.cfg.Rand)}
		label := url.PathEscape(aws.ToString(in.VirtualMFADeviceName) + "@" + c.Account.ID)
		key, err := otp.NewKeyFromURL("otpauth://totp/" + label + "?secret=" + seed.text)
		if err != nil {
			return fmt.Errorf("api: QR code: %w", err)
		}
		code, err := key.Image(qrSize-2*qrBorder, qrSize-2*qrBorder)
		if err != nil {
			return fmt.Errorf("api: QR code: %w", err)
		}
		picture := image.NewGray(image.Rect(0, 0, qrSize, qrSize))
		draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
		draw.Draw(picture, code.Bounds().Add(image.Pt(qrBorder, qrBorder)), code, code.Bounds().Min, draw.Src)
		var b bytes.Buffer
		if err := png.Encode(&b, picture); err != nil {
			return fmt.Errorf("api: QR code: %w", err)
		}
		seed.png = b.Bytes()
		c.Prepared = seed
		return nil
	})
}

// createVirtualMFADevice makes a device. Its seed is in this answer and in no
// other.
func (a *API) createVirtualMFADevice(c *Call, in *sdk.CreateVirtualMFADeviceInput) (*sdk.CreateVirtualMFADeviceOutput, error) {
	seed := c.Prepared.(newSeed)
	m, err := c.Draft.CreateVirtualMFADevice(iam.NewMFADevice{
		Name: aws.ToString(in.VirtualMFADeviceName), Path: pathOr(in.Path), Seed: seed.text, Tags: readTags(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateVirtualMFADeviceOutput{VirtualMFADevice: &types.VirtualMFADevice{
		SerialNumber:     aws.String(c.Account.Serial(m)),
		Base32StringSeed: []byte(seed.text),
		QRCodePNG:        seed.png,
		Tags:             showAnyTags(m.Tags),
	}}, nil
}

func (a *API) deleteVirtualMFADevice(c *Call, in *sdk.DeleteVirtualMFADeviceInput) (*sdk.DeleteVirtualMFADeviceOutput, error) {
	return &sdk.DeleteVirtualMFADeviceOutput{}, c.Draft.DeleteVirtualMFADevice(aws.ToString(in.SerialNumber))
}

func (a *API) listVirtualMFADevices(c *Call, in *sdk.ListVirtualMFADevicesInput) (*sdk.ListVirtualMFADevicesOutput, error) {
	keep := func(m *iam.MFADevice) bool {
		switch in.AssignmentStatus {
		case types.AssignmentStatusTypeAssigned:
			return m.Owner != ""
		case types.AssignmentStatusTypeUnassigned:
			return m.Owner == ""
		default:
			return true
		}
	}
	show := func(m *iam.MFADevice) types.VirtualMFADevice {
		out := types.VirtualMFADevice{SerialNumber: aws.String(c.Account.Serial(m))}
		if m.Owner != "" {
			out.EnableDate, out.User = aws.Time(m.EnableDate), showOwner(c.Account, m)
		}
		return out
	}
	list, truncated, next, err := page(in.Marker, in.MaxItems, c.Account.VirtualMFADevicesAfter, keep, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListVirtualMFADevicesOutput{VirtualMFADevices: list, IsTruncated: truncated, Marker: next}, nil
}

// showOwner is the user that a device is enabled for.
func showOwner(a *iam.Account, m *iam.MFADevice) *types.User {
	if u, ok := a.UserByID(m.Owner); ok {
		out := showUser(a, u)
		return &out
	}
	return showRoot(a)
}

func (a *API) enableMFADevice(c *Call, in *sdk.EnableMFADeviceInput) (*sdk.EnableMFADeviceOutput, error) {
	owner, err := mfaOwner(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &sdk.EnableMFADeviceOutput{}, c.Draft.EnableMFADevice(
		owner, aws.ToString(in.SerialNumber), aws.ToString(in.AuthenticationCode1), aws.ToString(in.AuthenticationCode2))
}

func (a *API) resyncMFADevice(c *Call, in *sdk.ResyncMFADeviceInput) (*sdk.ResyncMFADeviceOutput, error) {
	owner, err := mfaOwner(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &sdk.ResyncMFADeviceOutput{}, c.Draft.ResyncMFADevice(
		owner, aws.ToString(in.SerialNumber), aws.ToString(in.AuthenticationCode1), aws.ToString(in.AuthenticationCode2))
}

func (a *API) deactivateMFADevice(c *Call, in *sdk.DeactivateMFADeviceInput) (*sdk.DeactivateMFADeviceOutput, error) {
	owner, err := mfaOwner(c, in.UserName)
	if err != nil {
		return nil, err
	}
	return &sdk.DeactivateMFADeviceOutput{}, c.Draft.DeactivateMFADevice(owner, aws.ToString(in.SerialNumber))
}

// getMFADevice tells of any device of a user. AWS has certifications to tell of
// passkeys, by their makers' statements; here nobody asks for those.
func (a *API) getMFADevice(c *Call, in *sdk.GetMFADeviceInput) (*sdk.GetMFADeviceOutput, error) {
	owner, err := mfaOwner(c, in.UserName)
	if err != nil {
		return nil, err
	}
	m, err := c.Account.MFADeviceOf(owner, aws.ToString(in.SerialNumber))
	if err != nil {
		return nil, err
	}
	return &sdk.GetMFADeviceOutput{
		SerialNumber: aws.String(c.Account.Serial(m)), EnableDate: aws.Time(m.EnableDate), UserName: ownerName(owner),
	}, nil
}

func (a *API) listMFADevices(c *Call, in *sdk.ListMFADevicesInput) (*sdk.ListMFADevicesOutput, error) {
	owner, err := mfaOwner(c, in.UserName)
	if err != nil {
		return nil, err
	}
	// The model requires a user's name, which the root user does not have.
	name := ownerName(owner)
	if name == nil {
		name = aws.String(c.Account.ID)
	}
	walk := func(after string) iter.Seq2[string, *iam.MFADevice] { return c.Account.MFADevicesAfter(owner, after) }
	show := func(m *iam.MFADevice) types.MFADevice {
		return types.MFADevice{SerialNumber: aws.String(c.Account.Serial(m)), EnableDate: aws.Time(m.EnableDate), UserName: name}
	}
	list, truncated, next, err := page(in.Marker, in.MaxItems, walk, nil, show)
	if err != nil {
		return nil, err
	}
	return &sdk.ListMFADevicesOutput{MFADevices: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) tagMFADevice(c *Call, in *sdk.TagMFADeviceInput) (*sdk.TagMFADeviceOutput, error) {
	return &sdk.TagMFADeviceOutput{}, c.Draft.TagMFADevice(aws.ToString(in.SerialNumber), readTags(in.Tags))
}

func (a *API) untagMFADevice(c *Call, in *sdk.UntagMFADeviceInput) (*sdk.UntagMFADeviceOutput, error) {
	return &sdk.UntagMFADeviceOutput{}, c.Draft.UntagMFADevice(aws.ToString(in.SerialNumber), in.TagKeys)
}

func (a *API) listMFADeviceTags(c *Call, in *sdk.ListMFADeviceTagsInput) (*sdk.ListMFADeviceTagsOutput, error) {
	m, err := c.Account.MFADevice(aws.ToString(in.SerialNumber))
	if err != nil {
		return nil, err
	}
	tags, truncated, next, err := pageTags(in.Marker, in.MaxItems, m.Tags)
	if err != nil {
		return nil, err
	}
	return &sdk.ListMFADeviceTagsOutput{Tags: tags, IsTruncated: truncated, Marker: next}, nil
}
