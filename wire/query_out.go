package wire

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// namespace is the XML namespace of a service that speaks awsQuery.
func namespace(service string) string {
	switch service {
	case "iam":
		return "https://iam.amazonaws.com/doc/2010-05-08/"
	case "sts":
		return "https://sts.amazonaws.com/doc/2011-06-15/"
	}
	return ""
}

// EncodeQuery appends the XML of a successful answer to dst. out is the
// operation's output struct or a pointer to it; nil and nil pointers stand for
// an operation that answers nothing.
func EncodeQuery(dst []byte, op Op, requestID string, out any) ([]byte, error) {
	dst = append(dst, '<')
	dst = append(dst, op.Name...)
	dst = append(dst, `Response xmlns="`...)
	dst = append(dst, namespace(op.Service)...)
	dst = append(dst, `">`...)
	if v := reflect.ValueOf(out); v.IsValid() && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		p, v, err := planFor(op, out)
		if err != nil {
			return nil, err
		}
		if len(p.fields) > 0 || answers(op) {
			dst = openTag(dst, op.Name, "Result")
			if dst, err = appendXMLFields(dst, p, v); err != nil {
				return nil, err
			}
			dst = closeTag(dst, op.Name, "Result")
		}
	}
	dst = append(dst, "<ResponseMetadata>"...)
	dst = appendElement(dst, "RequestId", requestID)
	dst = append(dst, "</ResponseMetadata>"...)
	return closeTag(dst, op.Name, "Response"), nil
}

// AppendQueryError appends the XML of an error to dst. The fault is the sender's
// if the status is below 500.
func AppendQueryError(dst []byte, service, requestID string, e *Error) []byte {
	dst = append(dst, `<ErrorResponse xmlns="`...)
	dst = append(dst, namespace(service)...)
	dst = append(dst, `"><Error><Type>`...)
	if e.Status < 500 {
		dst = append(dst, "Sender"...)
	} else {
		dst = append(dst, "Receiver"...)
	}
	dst = append(dst, "</Type>"...)
	dst = appendElement(dst, "Code", e.Code)
	dst = appendElement(dst, "Message", e.Message)
	dst = append(dst, "</Error>"...)
	dst = appendElement(dst, "RequestId", requestID)
	return append(dst, "</ErrorResponse>"...)
}

func openTag(dst []byte, name, suffix string) []byte {
	dst = append(dst, '<')
	dst = append(dst, name...)
	dst = append(dst, suffix...)
	return append(dst, '>')
}

func closeTag(dst []byte, name, suffix string) []byte {
	dst = append(dst, '<', '/')
	dst = append(dst, name...)
	dst = append(dst, suffix...)
	return append(dst, '>')
}

func appendElement(dst []byte, name, text string) []byte {
	dst = openTag(dst, name, "")
	dst = appendXMLText(dst, text)
	return closeTag(dst, name, "")
}

func appendXMLFields(dst []byte, p *plan, v reflect.Value) ([]byte, error) {
	var err error
	for i := range p.fields {
		f := &p.fields[i]
		held, ok := f.held(v)
		if !ok {
			continue
		}
		dst = append(dst, f.open...)
		if f.kind == kindString {
			dst = appendXMLText(dst, held.String())
		} else if dst, err = appendXML(dst, f.plan, held); err != nil {
			return nil, err
		}
		dst = append(dst, f.close...)
	}
	return dst, nil
}

// appendXML appends what stands between a value's tags.
func appendXML(dst []byte, p *plan, v reflect.Value) ([]byte, error) {
	var err error
	switch p.kind {
	case kindString:
		return appendXMLText(dst, v.String()), nil
	case kindBool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case kindInt:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case kindTime:
		return moment(v).AppendFormat(dst, time.RFC3339), nil
	case kindBlob:
		return base64.StdEncoding.AppendEncode(dst, v.Bytes()), nil
	case kindStruct:
		return appendXMLFields(dst, p, v)
	case kindUnion:
		if v.IsNil() {
			return dst, nil
		}
		m, value, err := p.variantOf(v)
		if err != nil {
			return nil, err
		}
		dst = openTag(dst, m.name, "")
		if dst, err = appendXML(dst, m.plan, value); err != nil {
			return nil, err
		}
		return closeTag(dst, m.name, ""), nil
	case kindList:
		for i := range v.Len() {
			dst = append(dst, "<member>"...)
			if dst, err = appendXML(dst, p.elem, v.Index(i)); err != nil {
				return nil, err
			}
			dst = append(dst, "</member>"...)
		}
	case kindMap:
		for _, key := range sortedKeys(v) {
			dst = append(dst, "<entry>"...)
			dst = appendElement(dst, "key", key.String())
			dst = append(dst, "<value>"...)
			if dst, err = appendXML(dst, p.elem, v.MapIndex(key)); err != nil {
				return nil, err
			}
			dst = append(dst, "</value></entry>"...)
		}
	}
	return dst, nil
}

func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}

// appendXMLText appends character data that reads back as s. What XML 1.0
// cannot carry (most control characters, broken UTF-8) becomes U+FFFD. A
// carriage return is written as a reference: parsers turn a bare one into a
// newline.
func appendXMLText(dst []byte, s string) []byte {
	start, i := 0, plainXML([]byte(s))
	for i < len(s) {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		var with string
		switch {
		case r == '&':
			with = "&amp;"
		case r == '<':
			with = "&lt;"
		case r == '>':
			with = "&gt;"
		case r == '"':
			with = "&quot;"
		case r == '\r':
			with = "&#xD;"
		case r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF, r == utf8.RuneError && size == 1:
			with = "\uFFFD"
		default:
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = append(dst, with...)
		i += size
		start = i
		i += plainXML([]byte(s[i:]))
	}
	return append(dst, s[start:]...)
}

// PercentEncode encodes s as IAM encodes policy documents in its answers: every
// byte but RFC 3986's unreserved characters becomes %XX in upper case. Both
// strict decoders and those that read '+' as a space give s back.
func PercentEncode(s string) string {
	const hex = "0123456789ABCDEF"
	n := 0
	for i := range len(s) {
		if !unreserved(s[i]) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 2*n)
	for i := range len(s) {
		c := s[i]
		if unreserved(c) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
