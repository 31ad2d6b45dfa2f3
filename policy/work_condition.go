package policy

func (w *work) condition(c *condition) bool {
	if !w.spend(stringsSteps+(len(c.name)+len(c.written))/2) || !w.spend(w.keys, keySteps) || !w.spend(c.count, 4) {
		return false
	}
	values, _, _ := w.req.Context.get(c.key)
	variables := 0
	switch list := c.values.(type) {
	case *texts:
		for i := range list.values {
			variables += len(list.values[i].parts)
		}
	case *arns:
		for i := range list.values {
			variables += len(list.values[i].parts)
		}
	}
	if !w.spend(variables, w.variable()) || !w.spend(len(values), readSteps) {
		return false
	}
	for _, v := range values {
		text := len(v)
		ok := w.spend(text+1, 2)
		switch list := c.values.(type) {
		case *texts:
			ok = ok && w.texts(list, text)
		case *arns:
			ok = ok && w.arns(list, v)
		case *numbers:
			ok = ok && w.spend(c.count, text+2, 4) && w.spend(c.bytes, 4)
		default:
			ok = ok && w.spend(c.count, 8) && w.spend(c.bytes)
		}
		if !ok {
			return false
		}
	}
	return true
}

func (w *work) texts(s *texts, text int) bool {
	for i := range s.values {
		t := &s.values[i]
		ok := false
		switch bytes := len(t.raw); {
		case t.parts != nil:
			bytes += w.brought(t.parts)
			switch ok = w.spend(len(t.parts), w.variable()); {
			case s.family == familyStringIgnoreCase:
				ok = ok && w.spend(bytes, 4) && w.spend(min(bytes, text), caseSteps)
			case s.family == familyStringLike && searched(t.parts):
				ok = ok && w.wild(bytes, text)
			default:
				ok = ok && w.spend(bytes, 4)
			}
		case s.family == familyStringIgnoreCase:
			ok = w.spend(1+min(bytes, text), caseSteps)
		case s.family == familyStringLike:
			ok = w.like(t.raw, text)
		default:
			ok = w.spend(8 + min(bytes, text)/8)
		}
		if !ok {
			return false
		}
	}
	return true
}

func (w *work) arns(a *arns, value string) bool {
	parts, ok := cutARN(value)
	if !ok {
		return true // it is not matched with any
	}
	for i := range a.values {
		v := &a.values[i]
		if !w.spend(8) || !w.spend(len(v.parts), w.variable()) {
			return false
		}
		bytes := w.brought(v.parts)
		for j := range v.parts {
			bytes += len(v.parts[j].text) + len(v.parts[j].fallback)
		}
		for j := range parts {
			if v.parts == nil && !w.like(v.parts6[j], len(parts[j])) || v.parts != nil && !w.wild(bytes, len(parts[j])) {
				return false
			}
		}
	}
	return true
}
