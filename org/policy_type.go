package org

import (
	"slices"

	"iamd/iam"
)

// types are AWS's policy types, and the service that must have trusted access
// before one can be enabled; "" for none. The reference names Security Hub's as
// an example, and no other.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html
var types = map[PolicyType]string{
	SCP: "", RCP: "",
	"TAG_POLICY": "", "BACKUP_POLICY": "", "AISERVICES_OPT_OUT_POLICY": "", "CHATBOT_POLICY": "", "DECLARATIVE_POLICY_EC2": "",
	"SECURITYHUB_POLICY": "securityhub.amazonaws.com",
	"INSPECTOR_POLICY":   "", "UPGRADE_ROLLOUT_POLICY": "", "BEDROCK_POLICY": "", "S3_POLICY": "",
	"NETWORK_SECURITY_DIRECTOR_POLICY": "", "GUARDDUTY_POLICY": "",
}

// everywhere are AWS's own policies, by the type of which they are attached to
// every target.
var everywhere = map[PolicyType]string{SCP: FullAccess, RCP: RCPFullAccess}

// authorizes tells whether policies of the type are of the language that
// authorizes requests.
func (t PolicyType) authorizes() bool { return t == SCP || t == RCP }

// available refuses a type that isn't one, or that the organization's features
// don't have.
func (o *Organization) available(t PolicyType) error {
	if _, ok := types[t]; !ok {
		return refuse(CodeInvalidInput, "INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type.")
	}
	if o.FeatureSet != AllFeatures {
		return iam.Errorf("PolicyTypeNotAvailableForOrganizationException", "You can't use the specified policy type with the feature set currently enabled for this organization.")
	}
	return nil
}

// EnablePolicyType enables a type in the root. Of control policies, AWS's own is
// attached to everything, as it was before they were enabled for the first time.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html
func (d *Draft) EnablePolicyType(root string, t PolicyType) error {
	switch {
	case root != d.Root.ID:
		return noRoot()
	case d.available(t) != nil:
		return d.available(t)
	case d.Enabled(t):
		return iam.Errorf("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.")
	}
	if service := types[t]; service != "" && !d.trusts(service) {
		return refuse(CodeConstraint, "SERVICE_ACCESS_NOT_ENABLED", "You attempted to enable a policy type before you enabled service access. Call the EnableAWSServiceAccess API first.")
	}
	d.enable(t)
	return nil
}

// enable does what EnablePolicyType does, for types that can be.
func (d *Draft) enable(t PolicyType) {
	d.Root.Types = append(slices.Clone(d.Root.Types), t)
	d.markEnabled(t)
	d.putSettings()
	id, ok := everywhere[t]
	if !ok {
		return
	}
	for target := range d.targetIDs() {
		d.putAttachment(Attachment{Policy: id, Type: t, Target: target, Since: d.now()}, true)
	}
}

// DisablePolicyType disables a type in the root, and detaches every policy of
// that type from everything. The policies stay.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisablePolicyType.html
func (d *Draft) DisablePolicyType(root string, t PolicyType) error {
	switch {
	case root != d.Root.ID:
		return noRoot()
	case d.available(t) != nil:
		return d.available(t)
	case !d.Enabled(t):
		return notEnabled()
	}
	d.Root.Types = slices.DeleteFunc(slices.Clone(d.Root.Types), func(have PolicyType) bool { return have == t })
	d.putSettings()
	var list []Attachment
	d.attached.Scan(func(_ string, at Attachment) bool {
		if at.Type == t {
			list = append(list, at)
		}
		return true
	})
	for _, at := range list {
		d.putAttachment(at, false)
	}
	d.forgetValid(t)
	return nil
}

// TypesOf lists the enabled types that need a service's trusted access.
func (o *Organization) TypesOf(service string) (list []PolicyType) {
	for _, t := range o.Root.Types {
		if types[t] == service {
			list = append(list, t)
		}
	}
	return list
}

// EnabledTypes lists the types that are enabled, by name.
func (o *Organization) EnabledTypes() []PolicyType { return slices.Sorted(slices.Values(o.Root.Types)) }

// inherit attaches to a target that is new what every target has of the types
// that are enabled: AWS's own policies.
func (d *Draft) inherit(target string) {
	for _, t := range d.Root.Types {
		if id, ok := everywhere[t]; ok {
			d.putAttachment(Attachment{Policy: id, Type: t, Target: target, Since: d.now()}, true)
		}
	}
}

// trusts tells whether a service has trusted access.
func (o *Organization) trusts(service string) bool {
	return slices.ContainsFunc(o.Services, func(s EnabledService) bool { return s.Principal == service })
}

func noRoot() error { return iam.Errorf(CodeRootNotFound, "You specified a root that doesn't exist.") }

func notEnabled() error {
	return iam.Errorf(CodePolicyTypeDisabled, "This operation can be performed only for enabled policy types.")
}
