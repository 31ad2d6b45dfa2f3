package analyzer

import (
	"slices"
	"strings"

	"iamd/catalog"
)

// resourceChecks are those of the ARNs of Resource and NotResource.
var resourceChecks = []func(*document){resourceARNs}

// arnOwners stand for an account in ARNs of things that AWS owns.
var arnOwners = []string{"aws", "aws-marketplace", "amazon", "cloudfront"}

// anyRegion are ARNs that go without a region where their format has one: the models of Amazon Bedrock's global
// inference (Amazon Bedrock User Guide, "Prerequisites for inference profiles").
var anyRegion = map[string]string{"bedrock": "foundation-model/*"}

// ownedByAWS are resources whose ARNs have no account where it is AWS who owns them, while their format has one.
var ownedByAWS = map[string]string{"ssm": "*", "resource-explorer-2": "view/*"}

// moreResources are resources that the service reference does not have as types: macros of AWS CloudFormation, the paths
// of API Gateway's own API, and change tokens of AWS WAF Classic (the services' own guides to permissions).
var moreResources = map[string]string{
	"apigateway": "/*", "cloudformation": "transform/*", "waf": "changetoken/*", "waf-regional": "changetoken/*",
}

// resourceARNs says of each ARN the first thing that is wrong with its make, or else all that its service's formats have
// against its region, account and resource.
func resourceARNs(d *document) {
	for i := range d.statement {
		for _, e := range []*element{d.statement[i].resource, d.statement[i].notResource} {
			if e == nil {
				continue
			}
			for j := range e.list {
				if v := &e.list[j]; v.text != "*" {
					d.resourceARN(v)
				}
			}
		}
	}
}

func (d *document) resourceARN(v *value) {
	a, n := readARN(v.text)
	if n < len(a.field) {
		// API Gateway puts the rest before execute-api:/ (API Gateway Developer Guide, "Resource policy examples").
		if d.opt.Type == ResourcePolicy && strings.HasPrefix(v.text, "execute-api:/") {
			return
		}
		// IAM reads arn:aws:execute-api:* as a whole ARN: its last star reaches on.
		if last := a.field[n-1]; n <= arnService || a.field[arnPrefix] != "arn" || !strings.HasSuffix(last, "*") || n-1 == arnService {
			d.report("MISSING_ARN_FIELD", []place{v.place}, "fields", "6")
		}
		return
	}
	service := a.field[arnService]
	switch {
	case a.field[arnPrefix] != "arn":
		d.report("INVALID_ARN_PREFIX", []place{a.part(v, arnPrefix)})
		return
	case open(service):
		return // others say so
	}
	if p := a.field[arnPartition]; !strings.Contains(p, "${") && !slices.ContainsFunc(partitions, func(known string) bool { return meet(p, known) }) {
		d.report("INVALID_PARTITION", []place{a.part(v, arnPartition)},
			"service", service, "partition", p, "partitions", strings.Join(partitions, ", "))
	}
	formats := arnFormats()[service]
	if len(formats) == 0 {
		lower := strings.ToLower(service)
		_, known := catalog.Service(service)
		switch {
		case lower != service && (known || len(arnFormats()[lower]) > 0):
			d.report("INVALID_ARN_SERVICE_CASE", []place{a.part(v, arnService)}, "service", service)
		case !known && !closedServices[service]:
			d.report("INVALID_SERVICE", []place{a.part(v, arnService)}, "service", service)
		}
		return
	}
	d.fits(v, &a, formats)
}

// fits compares an ARN with those formats of its service that the resource fits, or with all if it fits none. A region or
// an account that is nothing but * also stands for none.
func (d *document) fits(v *value, a *arn, formats []arnFormat) {
	resource := a.field[arnResource]
	if resource == "" {
		d.report("INVALID_ARN_RESOURCE", []place{v.place})
		return
	}
	if strings.Contains(resource, "${") {
		resource = anything(resource)
	}
	if meet(moreResources[a.field[arnService]], resource) {
		return
	}
	region, account := a.field[arnRegion], a.field[arnAccount]
	var regional, global, owned, unowned, fit bool
	for _, only := range []bool{true, false} {
		for i := range formats {
			f := &formats[i]
			if only && !meet(f.resource, resource) {
				continue
			}
			fit = fit || only
			regional, global = regional || f.region != "", global || f.region == ""
			owned, unowned = owned || f.account != "", unowned || f.account == ""
		}
		if fit {
			break
		}
	}
	if !fit {
		d.report("INVALID_ARN_RESOURCE", []place{a.part(v, arnResource)})
	}
	service := a.field[arnService]
	switch {
	case region == "" && !global && !meet(anyRegion[service], resource):
		d.report("MISSING_ARN_REGION", []place{v.place}, "service", service)
	case strings.Trim(region, "*") != "" && !regional:
		d.report("ARN_REGION_NOT_ALLOWED", []place{a.part(v, arnRegion)}, "service", service)
	case region != "" && !open(region) && !regions[region]:
		d.report("INVALID_ARN_REGION", []place{a.part(v, arnRegion)}, "region", region)
	}
	switch {
	case account == "" && !unowned && !meet(ownedByAWS[service], resource):
		d.report("MISSING_ARN_ACCOUNT", []place{v.place}, "resourceName", a.field[arnResource])
	case strings.Trim(account, "*") != "" && !owned:
		d.report("ARN_ACCOUNT_NOT_ALLOWED", []place{a.part(v, arnAccount)}, "service", service)
	case account != "" && !open(account) && !isAccount(account) && !slices.Contains(arnOwners, account) &&
		!slices.ContainsFunc(formats, func(f arnFormat) bool { return f.account == account }):
		d.report("INVALID_ARN_ACCOUNT", []place{a.part(v, arnAccount)}, "account", account)
	}
}

// isAccount tells whether s is an account number.
func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}
