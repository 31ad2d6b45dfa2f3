package wire

// DecodeREST fills dst, a pointer to op's input struct, from a request of the
// restJson protocol: the members that the model binds to the query string from
// query, the others from the body, in which their names begin in lower case. An
// empty body is an empty object, an empty parameter an absent one. What else the
// query string or the body holds is passed over, as AWS does. The errors are
// DecodeJSON's and DecodeQuery's.
func DecodeREST(op Op, query *Form, body []byte, dst any) error {
	i, ok := findOperation(op)
	if !ok {
		return internal("no operation %s:%s", op.Service, op.Name)
	}
	if len(body) == 0 {
		body = []byte("{}")
	}
	if err := decodeJSON(body, dst, true); err != nil {
		return err
	}
	p, v, err := structOf(dst)
	if err != nil {
		return err
	}
	for _, m := range shapes[operations[i].in].members {
		at, ok := p.placeOf(m.name)
		if m.query == "" || !ok {
			continue
		}
		f := p.fields[at]
		field := v.Field(f.index)
		field.SetZero() // what the body said of it
		value := query.Get(m.query)
		if value == "" {
			continue
		}
		var d queryDecoder
		if err := d.scalar(f.plan, &pair{key: m.query, value: value}, field); err != nil {
			return err
		}
	}
	return nil
}

// AppendREST appends the JSON of an output struct as the restJson protocol writes
// it: like AppendJSON, with names that begin in lower case.
func AppendREST(dst []byte, out any) ([]byte, error) { return jsonWriter{lower: true}.whole(dst, out) }

// AppendRESTError appends the body of an error as restJson writes it. The code
// travels in a header, X-Amzn-Errortype.
func AppendRESTError(dst []byte, e *Error) []byte {
	dst = AppendJSONString(append(dst, `{"message":`...), e.Message)
	if e.Reason != "" {
		dst = AppendJSONString(append(dst, `,"reason":`...), e.Reason)
	}
	for i, f := range e.Fields {
		open := `,{"name":`
		if i == 0 {
			open = `,"fieldList":[{"name":`
		}
		dst = AppendJSONString(append(dst, open...), f.Name)
		dst = AppendJSONString(append(dst, `,"message":`...), f.Message)
		dst = append(dst, '}')
	}
	if len(e.Fields) > 0 {
		dst = append(dst, ']')
	}
	return append(dst, '}')
}
