package analyzer

import (
	"maps"
	"slices"
	"strings"

	"iamd/catalog"
)

// attachmentChecks are those of what a policy of a certain type of resource can be about.
var attachmentChecks = []func(*document){attachments}

// attachment is a type of resource that has policies.
type attachment struct {
	name    string   // as messages call it
	service string   // the prefix of its actions
	types   []string // the service reference's names of what the actions must be for
	arns    []string // patterns of the resources, of which one must fit; none for policies without resources
	all     bool     // "*" is a resource too
}

// attachmentsOf are the types of resource that ValidatePolicy knows (Access Analyzer API Reference, "ValidatePolicy").
var attachmentsOf = map[string]attachment{
	"AWS::S3::Bucket": {name: "S3 Bucket", service: "s3", types: []string{"bucket", "object"},
		arns: []string{"arn:*:s3:::*"}},
	"AWS::S3::AccessPoint": {name: "S3 Access Point", service: "s3", types: []string{"accesspoint", "accesspointobject", "bucket", "object"},
		arns: []string{"arn:*:s3:*:*:accesspoint/*"}},
	"AWS::S3::MultiRegionAccessPoint": {name: "S3 Multi-Region Access Point", service: "s3",
		types: []string{"accesspoint", "accesspointobject", "multiregionaccesspoint", "bucket", "object"},
		arns:  []string{"arn:*:s3::*:accesspoint/*"}},
	"AWS::S3ObjectLambda::AccessPoint": {name: "S3 Object Lambda Access Point", service: "s3-object-lambda",
		types: []string{"objectlambdaaccesspoint"}, arns: []string{"arn:*:s3-object-lambda:*:*:accesspoint/*"}},
	"AWS::DynamoDB::Table": {name: "DynamoDB Table", service: "dynamodb", types: []string{"table", "index", "stream"},
		arns: []string{"arn:*:dynamodb:*:*:table/*"}, all: true},
	RoleTrust: {name: "IAM Role Trust Policy", service: "sts", types: []string{"role", "self-session"}},
}

// ResourceTypes are the values of Options.ResourceType other than "", in order.
func ResourceTypes() []string { return slices.Sorted(maps.Keys(attachmentsOf)) }

// attachments finds actions and resources that have nothing to do with what the policy is attached to. An action that
// does not exist is not among them: others say so.
func attachments(d *document) {
	a, ok := attachmentsOf[d.opt.ResourceType]
	if d.opt.Type != ResourcePolicy || !ok {
		return
	}
	for i := range d.statement {
		s := &d.statement[i]
		for _, e := range []*element{s.action, s.notAction} {
			if e == nil {
				continue
			}
			for j := range e.list {
				if v := &e.list[j]; !a.acts(v.text) {
					d.report("UNSUPPORTED_ACTION_IN_POLICY", []place{v.place}, "action", v.text, "resourceType", a.name)
				}
			}
		}
		if len(a.arns) == 0 {
			continue
		}
		for _, e := range []*element{s.resource, s.notResource} {
			if e == nil {
				continue
			}
			for j := range e.list {
				if v := &e.list[j]; !a.holds(v.text) {
					d.report("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", []place{v.place}, "resourceType", a.name)
				}
			}
		}
	}
}

// acts tells whether an action can be one on the resource.
func (a *attachment) acts(action string) bool {
	prefix, name, ok := strings.Cut(action, ":")
	if !ok || open(prefix) {
		return true
	}
	service, ok := catalog.Service(prefix)
	if !ok {
		return true
	}
	if !strings.EqualFold(prefix, a.service) {
		return false
	}
	act, ok := service.Action(name)
	if !ok || open(name) {
		return true
	}
	for _, t := range act.ResourceTypes {
		if foldIn(a.types, t.Name) {
			return true
		}
	}
	return false
}

// holds tells whether an ARN can be the resource or in it. What is no ARN is let be.
func (a *attachment) holds(resource string) bool {
	if resource == "*" {
		return a.all
	}
	got, n := readARN(resource)
	if n < len(got.field) || open(got.field[arnService]) {
		return true
	}
	for _, pattern := range a.arns {
		want, _ := readARN(pattern)
		fit := true
		for i := range want.field {
			have := got.field[i]
			if strings.Contains(have, "${") {
				have = anything(have)
			}
			// A * of the pattern's fields, but for the last, stands for something.
			fit = fit && meet(want.field[i], have) && (i == arnResource || want.field[i] != "*" || have != "")
		}
		if fit {
			return true
		}
	}
	return false
}
