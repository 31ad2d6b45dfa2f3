package sigv4

import "errors"

// kindOf is the Kind of an error, 0 of nil, 255 of an error that is no *Error.
func kindOf(err error) Kind {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 255
}
