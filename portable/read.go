package portable

import (
	"encoding/json"
	"errors"
	"io"

	"iamd/iam"
)

// MaxAccount is the longest text of one account, or of all pages of AWS's answer
// together, that is read, in bytes.
const MaxAccount = 256 << 20

// Item is what a Reader gives: one of the two.
type Item struct {
	Account      *Account
	Organization *Organization
}

// Reader reads exports, and AWS's authorization details, one after the other as
// they come. Of details, all pages are one account, which is given at the end.
type Reader struct {
	in   *limited
	dec  *json.Decoder
	open bool   // within a file's object
	all  bool   // within an array of pages
	list string // of an export, that is open: accounts, organizations

	export, versioned bool
	page              *Account // of details, as far as they were read
}

// NewReader reads from r.
func NewReader(r io.Reader) *Reader {
	in := &limited{from: r, left: MaxAccount}
	return &Reader{in: in, dec: json.NewDecoder(in)}
}

// limited is a reader of so many bytes.
type limited struct {
	from io.Reader
	left int
}

var errTooLong = iam.Errorf(iam.CodeInvalidInput, "The text of one account is longer than %d bytes.", MaxAccount)

func (l *limited) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.from.Read(b[:min(len(b), l.left)])
	l.left -= n
	return n, err
}

func malformed(format string, args ...any) error {
	return iam.Errorf(iam.CodeInvalidInput, format, args...)
}

// Next gives the next item, and io.EOF after the last. A file that is none is
// InvalidInput.
func (r *Reader) Next() (*Item, error) {
	for {
		var item *Item
		var err error
		switch {
		case r.list != "":
			item, err = r.item()
		case r.open:
			err = r.member()
		default:
			item, err = r.top()
			if errors.Is(err, io.EOF) && !r.all {
				return nil, io.EOF
			}
		}
		if err != nil {
			return nil, r.explained(err)
		}
		if item != nil {
			return item, nil
		}
	}
}

// explained makes AWS's refusal of what the JSON decoder said.
func (r *Reader) explained(err error) error {
	var refusal *iam.Error
	switch {
	case errors.As(err, &refusal):
		return refusal
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return malformed("The file ends amid an account: it is not whole.")
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &kind) || r.dec.InputOffset() > 0 {
		return &iam.Error{Code: iam.CodeInvalidInput, Message: "The file can't be read near byte " + number(r.dec.InputOffset()) + ": " + clip(err.Error()), Err: err}
	}
	return err
}

// top reads what stands between files.
func (r *Reader) top() (*Item, error) {
	token, err := r.dec.Token()
	if errors.Is(err, io.EOF) && !r.all && r.page != nil {
		page := r.page
		r.page = nil
		return &Item{Account: page}, nil
	}
	if err != nil {
		return nil, err
	}
	switch {
	case token == json.Delim('{'):
		r.open, r.export, r.versioned = true, false, false
	case token == json.Delim('[') && !r.all:
		r.all = true
	case token == json.Delim(']'):
		r.all = false
	default:
		return nil, malformed("The file is neither an export of iamd's nor what aws iam get-account-authorization-details prints.")
	}
	return nil, nil
}

// member reads a member of a file's object.
func (r *Reader) member() error {
	token, err := r.dec.Token()
	if err != nil {
		return err
	}
	if token == json.Delim('}') {
		r.open = false
		if r.export && !r.versioned {
			return malformed("The export has no version.")
		}
		return nil
	}
	name, _ := token.(string)
	if name == "iamd" {
		var what string
		if err := r.dec.Decode(&what); err != nil {
			return err
		}
		if what != "export" || r.page != nil || r.all {
			return malformed("What iamd wrote is no export, or is read together with what AWS answered.")
		}
		r.export = true
		r.dec.DisallowUnknownFields()
		return nil
	}
	if r.export {
		return r.exported(name)
	}
	return r.detail(name)
}

func (r *Reader) exported(name string) error {
	switch {
	case name == "version":
		var version int
		if err := r.dec.Decode(&version); err != nil {
			return err
		}
		if version != Version {
			return malformed("The export has form %d, and this program reads form %d: use the release that wrote it.", version, Version)
		}
		r.versioned = true
		return nil
	case name == "secrets":
		return r.dec.Decode(new(bool))
	case !r.versioned:
		return malformed("The export's version must stand before its accounts: the file was written anew by another program.")
	case name == "accounts", name == "organizations":
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		if token != json.Delim('[') {
			return malformed("%s is not a list.", name)
		}
		r.list = name
		return nil
	}
	return malformed("The export has a member %q, which this program does not know.", clip(name))
}

// item reads the next item of an export's list.
func (r *Reader) item() (*Item, error) {
	if !r.dec.More() {
		if _, err := r.dec.Token(); err != nil {
			return nil, err
		}
		r.list = ""
		return nil, nil
	}
	r.in.left = MaxAccount
	if r.list == "organizations" {
		o := new(Organization)
		return &Item{Organization: o}, r.dec.Decode(o)
	}
	a := new(Account)
	if err := r.dec.Decode(a); err != nil {
		return nil, err
	}
	return &Item{Account: a}, nil
}

// detail reads a member of AWS's answer.
func (r *Reader) detail(name string) error {
	if r.page == nil {
		r.page = &Account{fromAWS: true}
	}
	switch name {
	case "UserDetailList":
		return added(r.dec, &r.page.UserDetailList)
	case "GroupDetailList":
		return added(r.dec, &r.page.GroupDetailList)
	case "RoleDetailList":
		return added(r.dec, &r.page.RoleDetailList)
	case "Policies":
		return added(r.dec, &r.page.Policies)
	case "IsTruncated", "Marker", "NextToken", "ResponseMetadata":
		return r.dec.Decode(new(json.RawMessage))
	}
	return malformed("The file has a member %q: it is neither an export of iamd's nor what aws iam get-account-authorization-details prints.", clip(name))
}

func added[T any](dec *json.Decoder, to *[]T) error {
	var more []T
	if err := dec.Decode(&more); err != nil {
		return err
	}
	*to = append(*to, more...) // which is ours alone: a list may come in a million parts
	return nil
}
