package analyzer

// conditionChecks are those of operators, and of how many values of what types stand under them.
var conditionChecks = []func(*document){
	invalidOperators, missingQualifiers, multipleBooleans, mixedTypes,
}

func invalidOperators(d *document) {
	for i := range d.statement {
		for j := range d.statement[i].operators {
			m := &d.statement[i].operators[j]
			op, ok := parseOperator(m.key)
			switch {
			case !ok:
				d.report("INVALID_CONDITION_OPERATOR", []place{m.keyAt}, "operator", m.key)
			case op.family == opNull && op.ifExists:
				d.report("NULL_WITH_IF_EXISTS", []place{m.keyAt})
			}
		}
	}
}

// oneValue are keys that the service reference gives many values and AWS's own policies compare as one.
var oneValue = []string{"events:detail-type"}

// missingQualifiers finds keys of many values under operators for one.
func missingQualifiers(d *document) {
	d.eachCondition(func(_ *statement, c *condition, op operator) {
		if _, many, _ := keyType(c.key); many && !foldIn(oneValue, c.key) && op.set == "" && op.family != opNull {
			d.report("MISSING_QUALIFIER", []place{c.keyAt}, "key", c.key)
		}
	})
}

func multipleBooleans(d *document) {
	d.eachCondition(func(_ *statement, c *condition, op operator) {
		if op.family == opBool && op.set == "" && len(c.list) > 1 {
			d.report("INVALID_CONDITION_MULTIPLE_BOOLEAN", []place{c.value.place})
		}
	})
}

// mixedTypes finds lists of values of more than one JSON type.
func mixedTypes(d *document) {
	d.eachCondition(func(_ *statement, c *condition, _ operator) {
		for i := range c.list {
			if c.list[i].kind != c.list[0].kind {
				d.report("INVALID_CONDITION_DATA_TYPE", []place{c.value.place})
				return
			}
		}
	})
}
