package authzen

import "fmt"

// When to stop, of several questions.
const (
	executeAll          = "execute_all"
	denyOnFirstDeny     = "deny_on_first_deny"
	permitOnFirstPermit = "permit_on_first_permit"
)

// evaluations answers several questions in their order; without any it is
// evaluation. Members that stand beside the list are those of each question that
// has none of its own: a question's own takes the place of the whole member.
func (q *inquiry) evaluations(in object) (any, error) {
	raw, ok := in["evaluations"]
	list, isList := raw.([]any)
	switch {
	case ok && !isList:
		return nil, badRequest("evaluations must be a list.")
	case len(list) > maxEvaluations:
		return nil, badRequest(fmt.Sprintf("There may be %d evaluations at a time.", maxEvaluations))
	}
	until, err := semantic(in)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return q.evaluation(in)
	}
	for _, name := range []string{"subject", "action", "resource", "context"} {
		if _, err := in.object(name); err != nil {
			return nil, err
		}
	}
	for _, one := range list {
		if _, ok := one.(object); !ok {
			return nil, badRequest("evaluations must be a list of objects.")
		}
	}
	out := struct {
		Evaluations []decision `json:"evaluations"`
	}{make([]decision, 0, len(list))}
	for _, one := range list {
		d, err := q.evaluateItem(in, one.(object))
		if err != nil {
			return nil, err
		}
		out.Evaluations = append(out.Evaluations, d)
		if until == denyOnFirstDeny && !d.Decision || until == permitOnFirstPermit && d.Decision {
			break
		}
	}
	return out, nil
}

func (q *inquiry) evaluateItem(defaults, own object) (decision, error) {
	merged := object{}
	for _, name := range []string{"subject", "action", "resource", "context"} {
		if v, ok := own[name]; ok {
			merged[name] = v
		} else if v, ok := defaults[name]; ok {
			merged[name] = v
		}
	}
	asked, err := read(merged, whole)
	if err != nil {
		return item(decision{}, err)
	}
	return item(q.evaluate(asked))
}

func semantic(in object) (string, error) {
	options, err := in.object("options")
	if err != nil {
		return "", err
	}
	s, err := options.text("options.", "evaluations_semantic", false)
	switch {
	case err != nil:
		return "", err
	case s == "":
		return executeAll, nil
	case s != executeAll && s != denyOnFirstDeny && s != permitOnFirstPermit:
		return "", badRequest("options.evaluations_semantic must be " + executeAll + ", " + denyOnFirstDeny + " or " + permitOnFirstPermit + ".")
	}
	return s, nil
}
