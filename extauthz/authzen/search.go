package authzen

import (
	"errors"
	"iter"
	"net/http"
	"regexp"
	"strings"

	"iamd/catalog"
	"iamd/guard"
	"iamd/iam"
)

// shown is a subject or resource that was found.
type shown struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// listing is what an asker must be allowed before IAM's own names are searched, and
// on what, as for IAM's lists.
func (q *inquiry) listing(kind string) guard.Check {
	at := func(kind string) string { return "arn:aws:iam::" + q.account.ID + ":" + kind + "/" }
	switch kind {
	case typeUser:
		return guard.Check{Action: "iam:ListUsers", Resource: at("user")}
	case typeRole:
		return guard.Check{Action: "iam:ListRoles", Resource: at("role")}
	case "group":
		return guard.Check{Action: "iam:ListGroups", Resource: at("group")}
	default:
		return guard.Check{Action: "iam:ListPolicies", Resource: "*", Named: "policy path /"}
	}
}

// searchSubject finds users and roles of the asker's account that may do something.
// Those that the asker may not ask about are left out.
func (q *inquiry) searchSubject(in object) (any, error) {
	asked, err := read(in, parts{action: true, resourceID: true})
	if err != nil {
		return nil, err
	}
	p, err := q.page(in)
	if err != nil {
		return nil, err
	}
	kinds := []string{asked.subject.kind}
	switch asked.subject.kind {
	case typeUser, typeRole:
	case typeAny:
		kinds = []string{typeRole, typeUser}
	case typeRoot:
		return q.searchRoot(asked)
	default:
		return none("Subjects of the type " + clip(asked.subject.kind) + " are not kept here: search for user, role, root or aws."), nil
	}
	for _, kind := range kinds {
		if err := q.allowed(q.listing(kind)); err != nil {
			return nil, err
		}
	}
	if why := senseless(asked.action, asked.resource.id); why != "" {
		return none(why), nil
	}
	return collect(q, p, q.own(kinds, p.after), func(of shown) (any, error) {
		return q.searched(asked, of)
	})
}

// searchRoot asks about the one root user that there is.
func (q *inquiry) searchRoot(asked question) (any, error) {
	out := found{Results: []any{}}
	result, err := q.searched(asked, shown{typeRoot, q.account.RootARN()})
	if err != nil {
		return nil, err
	}
	if result != nil {
		out.Results = append(out.Results, result)
	}
	out.Page.Count = len(out.Results)
	return out, nil
}

// searched gives a subject that may do what is asked.
func (q *inquiry) searched(asked question, of shown) (any, error) {
	asked.subject = entity{kind: of.Type, id: of.ID}
	principal, why, err := q.principal(asked.subject)
	var f *fault
	switch {
	case errors.As(err, &f) && f.status == http.StatusForbidden:
		return nil, nil // not the asker's to know
	case err != nil:
		return nil, err
	case why != "":
		return nil, nil
	}
	s, err := q.simulation(principal, asked)
	if err != nil {
		return nil, err
	}
	d, err := q.simulate(s, asked.action, asked.resource)
	if err != nil || !d.Decision {
		return nil, err
	}
	return of, nil
}

// searchResource finds the account's own users, roles, groups and policies on which
// the subject may do something; of other resources iamd keeps no list.
func (q *inquiry) searchResource(in object) (any, error) {
	asked, err := read(in, parts{subjectID: true, action: true})
	if err != nil {
		return nil, err
	}
	p, err := q.page(in)
	if err != nil {
		return nil, err
	}
	kind := asked.resource.kind
	switch kind {
	case typeUser, typeRole, "group", "policy":
	default:
		return none("Resources of the type " + clip(kind) + " are not kept here: search for user, role, group or policy."), nil
	}
	subject, why, err := q.principal(asked.subject)
	if err != nil {
		return nil, err
	}
	if why != "" {
		return none(why), nil
	}
	if err := q.allowed(q.listing(kind)); err != nil {
		return nil, err
	}
	asked.resource.id = "*" // a policy of one resource says nothing of many
	s, err := q.simulation(subject, asked)
	if err != nil {
		return nil, err
	}
	return collect(q, p, q.own([]string{kind}, p.after), func(of shown) (any, error) {
		d, err := q.simulate(s, asked.action, entity{kind: kind, id: of.ID})
		if err != nil || !d.Decision {
			return nil, err
		}
		return of, nil
	})
}

// own walks over the account's entities of some kinds, after a key that it gave.
func (q *inquiry) own(kinds []string, after string) iter.Seq2[string, shown] {
	a := q.account
	return func(yield func(string, shown) bool) {
		for _, kind := range kinds {
			at, from, _ := strings.Cut(after, "/")
			switch {
			case after == "" || at < kind:
				from = ""
			case at > kind:
				continue
			}
			give := func(name, arn string) bool { return yield(kind+"/"+name, shown{kind, arn}) }
			more := true
			switch kind {
			case typeUser:
				for name, u := range a.UsersAfter(from) {
					if more = give(name, a.UserARN(u)); !more {
						break
					}
				}
			case typeRole:
				for name, r := range a.RolesAfter(from) {
					if more = give(name, a.RoleARN(r)); !more {
						break
					}
				}
			case "group":
				for name, g := range a.GroupsAfter(from) {
					if more = give(name, a.GroupARN(g)); !more {
						break
					}
				}
			case "policy":
				for name, p := range a.PoliciesAfter(from) {
					if more = give(name, p.ARN); !more {
						break
					}
				}
			}
			if !more {
				return
			}
		}
	}
}

// doable is an action that was found.
type doable struct {
	Name string `json:"name"`
}

// searchAction finds the actions of one service that the subject may do on a
// resource: those that the service reference lists for resources of its form. The
// service is that of the resource's ARN, or resource.properties.service.
func (q *inquiry) searchAction(in object) (any, error) {
	asked, err := read(in, parts{subjectID: true, resourceID: true})
	if err != nil {
		return nil, err
	}
	p, err := q.page(in)
	if err != nil {
		return nil, err
	}
	prefix, err := asked.resource.properties.text("resource.properties.", "service", false)
	if err != nil {
		return nil, err
	}
	subject, why, err := q.principal(asked.subject)
	if err != nil {
		return nil, err
	}
	if why == "" {
		why = senseless("service:Action", asked.resource.id)
	}
	if why != "" {
		return none(why), nil
	}
	if prefix == "" && asked.resource.id != "*" {
		prefix = strings.SplitN(asked.resource.id, ":", 4)[2]
	}
	service, ok := catalog.Service(prefix)
	if !ok {
		return none("The service " + clip(prefix) + " is not known here: name one in resource.properties.service."), nil
	}
	asked.action = service.Prefix + ":*" // for the tags' keys; no action is decided by it
	s, err := q.simulation(subject, asked)
	if err != nil {
		return nil, err
	}
	return collect(q, p, actions(service, asked.resource.id, p.after), func(name string) (any, error) {
		d, err := q.simulate(s, name, asked.resource)
		if err != nil || !d.Decision {
			return nil, err
		}
		return doable{name}, nil
	})
}

// actions walks over the actions of a service that can be asked for on a resource,
// after one of them.
func actions(service *catalog.ServiceInfo, resource, after string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		fits := formsOf(service, resource)
		after := strings.ToLower(after)
		for a := range service.Actions() {
			name := service.Prefix + ":" + a.Name
			if after != "" && strings.ToLower(name) <= after || !fits(a) {
				continue
			}
			if !yield(name, name) {
				return
			}
		}
	}
}

// formsOf tells of an action whether it can be asked for on a resource.
func formsOf(service *catalog.ServiceInfo, resource string) func(*catalog.ActionInfo) bool {
	if resource == "*" {
		return func(*catalog.ActionInfo) bool { return true }
	}
	like := map[string]bool{}
	for t := range service.ResourceTypes() {
		like[t.Name] = iam.Like(variable.ReplaceAllString(t.ARN, "*"), resource)
	}
	return func(a *catalog.ActionInfo) bool {
		for _, t := range a.ResourceTypes {
			if like[t.Name] {
				return true
			}
		}
		return false
	}
}

var variable = regexp.MustCompile(`\$\{[^}]*\}`)
