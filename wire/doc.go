// Package wire speaks the protocols of IAM, STS, Organizations, CloudTrail and
// Access Analyzer: awsQuery (a form comes in, XML goes out), awsJson (JSON both ways) and
// restJson (JSON both ways, with members in the query string). It answers what a
// request says, whether its parameters keep AWS's limits, and how a result or an
// error is written.
//
// It never decides who may do what, never touches state, and knows no operation
// by itself: it walks the structs it is given, which are the AWS SDK's inputs
// and outputs, and keeps one plan for each type. The limits are a generated
// table of the service models' figures.
//
// The way of a value: the bytes of a body become a Form (ParseForm: strict
// about encodings and repetitions); DecodeQuery, DecodeJSON or DecodeREST fills an
// input struct; Validate holds it against the limits; the operation runs;
// EncodeQuery, AppendJSON or AppendREST writes its output, AppendQueryError,
// AppendJSONError or AppendRESTError what went wrong; AppendEvent gives what an audit trail may keep of either, without
// secrets.
//
// Whatever a stranger sends ends in a value or in an *Error with a status below
// 500, in time and memory linear in its size (sorting a form: n log n).
//
// The package imports the standard library only.
//
// Pages: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html,
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html,
// https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html,
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html.
package wire

//go:generate go run ./internal/limitgen -models $AWS_MODELS -newer internal/limitgen/newer.json -source "botocore 1.43.11" -o limits_gen.go
