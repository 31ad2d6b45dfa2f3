package analyzer

import (
	"slices"
	"strings"

	"iamd/catalog"
)

// actionChecks are those of whether the actions exist.
var actionChecks = []func(*document){invalidActions}

// closedServices are prefixes that the service reference does not have and AWS's own managed policies name still:
// services that AWS closed, and some of its consoles' own. They are not called wrong.
var closedServices = map[string]bool{
	"builderid": true, "datazonecontrol": true, "deepcomposer": true, "deeplens": true, "deepracer": true,
	"elastic-inference": true, "iot1click": true, "iotroborunner": true, "mobilehub": true,
	"sagemaker-groundtruth-synthetic": true, "zocalo": true,
}

// meantServices are what is written for a service, from names of the SDKs' clients and of the services themselves, and
// its prefix in policies. AWS does not say which it knows; these are ours.
var meantServices = map[string]string{
	"apigatewayv2": "apigateway", "apigatewaymanagementapi": "execute-api", "cloudcontrol": "cloudformation",
	"cloudwatchlogs": "logs", "cognito": "cognito-idp", "costexplorer": "ce", "docdb": "rds", "efs": "elasticfilesystem", "elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing",
	"emr": "elasticmapreduce", "eventbridge": "events", "kinesisfirehose": "firehose",
	"neptune": "rds", "opensearch": "es", "sesv2": "ses", "sfn": "states", "stepfunctions": "states",
	"vpc": "ec2", "wafregional": "waf-regional",
}

// meantActions are operations of Amazon S3 whose action has another name (Amazon S3 User Guide, "Required permissions
// for Amazon S3 API operations").
var meantActions = map[string]string{
	"CompleteMultipartUpload": "PutObject", "CopyObject": "PutObject", "CreateMultipartUpload": "PutObject",
	"DeleteBucketEncryption": "PutEncryptionConfiguration", "DeleteObjects": "DeleteObject",
	"GetBucketEncryption": "GetEncryptionConfiguration", "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
	"GetObjectLockConfiguration": "GetBucketObjectLockConfiguration", "HeadBucket": "ListBucket", "HeadObject": "GetObject",
	"ListBuckets": "ListAllMyBuckets", "ListMultipartUploads": "ListBucketMultipartUploads", "ListObjectVersions": "ListBucketVersions",
	"ListObjects": "ListBucket", "ListObjectsV2": "ListBucket", "ListParts": "ListMultipartUploadParts",
	"PutBucketEncryption": "PutEncryptionConfiguration", "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
	"PutObjectLockConfiguration": "PutBucketObjectLockConfiguration", "UploadPart": "PutObject", "UploadPartCopy": "PutObject",
}

// patternWork bounds how many names of actions a document's patterns are compared with. A pattern that comes later is taken
// to match one.
const patternWork = 1 << 18

// invalidActions finds actions of services that do not exist, and actions that their services do not have. An action
// with wildcards must match one at least; the service must be written out.
func invalidActions(d *document) {
	k := knownActions{work: patternWork, patterns: map[string]bool{}, names: map[string][]string{}}
	for i := range d.statement {
		list, _ := d.statement[i].actions()
		for j := range list {
			v := &list[j]
			if v.text == "*" || v.text == "*:*" || strings.Contains(v.text, "${") {
				continue
			}
			prefix, name, ok := strings.Cut(v.text, ":")
			if !ok || name == "" || strings.Contains(name, ":") {
				d.noAction(v, "")
				continue
			}
			if closedServices[strings.ToLower(prefix)] {
				continue
			}
			service, ok := catalog.Service(prefix)
			if !ok {
				d.noService(v, prefix)
				continue
			}
			if !k.has(service, name) {
				d.noAction(v, prefix)
			}
		}
	}
}

// knownActions is what is known of actions while a document is looked at.
type knownActions struct {
	work     int
	patterns map[string]bool     // whether a pattern with its service's prefix matches any
	names    map[string][]string // of a service's actions, in lower case
}

// has tells whether a service has an action, or one that a pattern matches.
func (k *knownActions) has(s *catalog.ServiceInfo, name string) bool {
	if !wild(name) {
		_, ok := s.Action(name)
		return ok
	}
	name = strings.ToLower(name)
	key := s.Prefix + ":" + name
	if ok, known := k.patterns[key]; known {
		return ok
	}
	names, known := k.names[s.Prefix]
	if !known {
		for a := range s.Actions() {
			names = append(names, strings.ToLower(a.Name))
		}
		k.names[s.Prefix] = names
	}
	if k.work -= len(names); k.work < 0 {
		return true
	}
	ok := slices.ContainsFunc(names, func(action string) bool { return covers(name, action) })
	k.patterns[key] = ok
	return ok
}

// noService names the whole action where the text says service, as AWS does.
func (d *document) noService(v *value, prefix string) {
	if meant, ok := meantServices[strings.ToLower(prefix)]; ok {
		d.report("INVALID_SERVICE_IN_ACTION", []place{v.place}, "service", v.text, "service2", meant)
		return
	}
	d.reportAs("INVALID_SERVICE_IN_ACTION", "The service {{service}} specified in the action does not exist.", []place{v.place}, "service", v.text)
}

func (d *document) noAction(v *value, prefix string) {
	if strings.EqualFold(prefix, "s3") {
		operation := v.text[len(prefix)+1:]
		if meant, ok := meantActions[operation]; ok {
			d.reportAs("INVALID_ACTION", issues["INVALID_ACTION"].Details+" The API called {{operation}} authorizes against the IAM action {{valid_action}}.",
				[]place{v.place}, "action", v.text, "valid_action", "s3:"+meant, "operation", operation)
			return
		}
	}
	d.reportAs("INVALID_ACTION", "The action {{action}} does not exist.", []place{v.place}, "action", v.text)
}
