package wire

import (
	"fmt"
	"net/http"
	"unicode/utf8"
)

// Codes of the errors that this package makes.
const (
	// CodeMalformedQueryString: the form itself is broken (percent-encoding,
	// UTF-8, a repeated parameter, too many of them).
	CodeMalformedQueryString = "MalformedQueryString"
	// CodeMalformedInput: a known parameter has the wrong type or structure.
	CodeMalformedInput = "MalformedInput"
	// CodeUnknownParameter: a parameter that the action does not have. IAM and
	// STS publish no word for it; this is the one that AWS's query APIs publish
	// for exactly this case (EC2's error codes). No SDK retries it.
	CodeUnknownParameter = "UnknownParameter"
	// CodeValidationError: a parameter is outside its limits.
	CodeValidationError = "ValidationError"
	// CodeInvalidInput is what Organizations says instead of ValidationError.
	CodeInvalidInput = "InvalidInputException"
	// CodeValidation is what Access Analyzer says instead.
	CodeValidation = "ValidationException"
	// CodeSerialization: a JSON body that is broken or of the wrong types.
	CodeSerialization = "SerializationException"
	// CodeTooLarge: a body longer than MaxBody.
	CodeTooLarge = "RequestEntityTooLarge"
	// CodeInternal: the program asked for something impossible, such as a Go
	// type that no protocol can carry. Never the caller's fault.
	CodeInternal = "InternalFailure"
)

// MaxBody is the longest form or JSON body that is read, in bytes.
const MaxBody = 1 << 20

// Error is an answer to a caller: AWS's code, a text and an HTTP status. Reason
// is the machine-readable detail that the exceptions of Organizations and Access
// Analyzer carry, else empty; Fields are what the latter says of members.
type Error struct {
	Code, Message string
	Reason        string
	Fields        []Field
	Status        int
}

// Field is a member of a request, by its path, and what is wrong with it.
type Field struct{ Name, Message string }

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func badRequest(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

func internal(format string, args ...any) *Error {
	return &Error{Code: CodeInternal, Message: fmt.Sprintf(format, args...), Status: http.StatusInternalServerError}
}

func tooLarge() *Error {
	return &Error{
		Code:    CodeTooLarge,
		Message: fmt.Sprintf("The request body is larger than %d bytes.", MaxBody),
		Status:  http.StatusRequestEntityTooLarge,
	}
}

// clip shortens what a message repeats of a request to n bytes or a little less.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}
