package main

import (
	"strconv"
	"strings"
	"time"

	"iamd/policy"
)

// calledBy makes the caller of an ARN, with the condition keys that follow from
// it and the time. Unique ids and tags stay unknown. Without an ARN it is a user
// of whom nothing is known.
func (q *question) calledBy(arn string, now time.Time) error {
	set := q.context.Set
	set("aws:CurrentTime", now.UTC().Format(time.RFC3339))
	set("aws:EpochTime", strconv.FormatInt(now.Unix(), 10))
	q.principal.Kind = policy.User
	if arn == "" {
		return nil
	}
	part := strings.SplitN(arn, ":", 6)
	if len(part) != 6 || part[0] != "arn" || part[3] != "" || !accountForm.MatchString(part[4]) {
		return badCaller(arn)
	}
	p, kind := &q.principal, ""
	p.Account = part[4]
	entity, path, _ := strings.Cut(part[5], "/")
	name := path[strings.LastIndexByte(path, '/')+1:]
	switch {
	case part[2] == "iam" && part[5] == "root":
		p.Kind, p.ARN, kind = policy.Root, arn, "Account"
	case part[2] == "iam" && entity == "user" && name != "":
		p.ARN, kind = arn, "User"
		set("aws:username", name)
	case part[2] == "iam" && entity == "role" && name != "":
		p.Kind, p.RoleARN, kind = policy.Role, arn, "AssumedRole"
	case part[2] == "sts" && entity == "assumed-role" && name != "" && strings.Count(path, "/") == 1 && path[0] != '/':
		// The role's path is not in its sessions' ARNs: it is taken to have none.
		p.Kind, p.ARN, kind = policy.Role, arn, "AssumedRole"
		p.RoleARN = strings.Join([]string{"arn", part[1], "iam", "", part[4], "role/" + path[:len(path)-len(name)-1]}, ":")
	default:
		return badCaller(arn)
	}
	set("aws:PrincipalAccount", p.Account)
	set("aws:PrincipalType", kind)
	set("aws:PrincipalArn", p.ARN)
	if p.Kind == policy.Role {
		set("aws:PrincipalArn", p.RoleARN)
	}
	return nil
}

func badCaller(arn string) error {
	return usagef("--caller %q is no ARN of a user, a role, an assumed-role session or a root user", arn)
}

// set reads --context over what is known already.
func (q *question) set(pairs []string) error {
	type values struct {
		key  string
		list []string
		many bool
	}
	given := map[string]*values{}
	var order []string
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if service, name, colon := strings.Cut(key, ":"); !ok || !colon || service == "" || name == "" {
			return usagef("--context %q is not of the form aws:SourceIp=203.0.113.7", pair)
		}
		folded := policy.FoldKey(key)
		v := given[folded]
		if v == nil {
			v = &values{key: key}
			given[folded] = v
			order = append(order, folded)
		} else {
			v.many = true
		}
		if inner, ok := strings.CutPrefix(value, "["); ok && strings.HasSuffix(inner, "]") {
			v.many = true
			if inner = strings.TrimSuffix(inner, "]"); inner != "" {
				v.list = append(v.list, strings.Split(inner, ",")...)
			}
			continue
		}
		v.list = append(v.list, value)
	}
	for _, folded := range order {
		v := given[folded]
		q.owned = q.owned || folded == "aws:resourceaccount"
		if v.many {
			q.context.SetList(v.key, v.list...)
		} else {
			q.context.Set(v.key, v.list[0])
		}
	}
	return nil
}
