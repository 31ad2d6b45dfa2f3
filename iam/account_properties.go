package iam

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What there is to know of account properties: AWS has one namespace, with one
// property, which turns its Role Manager on.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutAccountProperties.html
const (
	RoleManagerNamespace = "RoleManager"
	roleManagerEnabled   = RoleManagerNamespace + "/Enabled"
)

// Role Manager's service-linked role, which is there once it was turned on.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_role-manager_enable-use.html
const (
	RoleManagerService  = "role-manager.iam.amazonaws.com"
	RoleManagerRoleName = "AWSServiceRoleForIAMRoleManager"
)

// Properties are the account's properties, by namespace and name.
func (a *Account) Properties() map[string]string {
	return map[string]string{roleManagerEnabled: strconv.FormatBool(a.RoleManager)}
}

// EnablesRoleManager tells whether properties that are to be set turn Role
// Manager on.
func EnablesRoleManager(properties map[string]string) bool {
	return properties[roleManagerEnabled] == "true"
}

// PutProperties sets properties of one namespace. Turning Role Manager on makes
// its service-linked role, which stays when it is turned off. Further properties
// beside the one that AWS knows are passed over, as AWS does.
func (d *Draft) PutProperties(properties map[string]string) error {
	namespace := ""
	for i, key := range slices.Sorted(maps.Keys(properties)) {
		space, name, ok := strings.Cut(key, "/")
		if !ok || space == "" || name == "" {
			return Errorf(CodeInvalidInput, "Property key must be in format Namespace/PropertyName: %s", key)
		}
		if i > 0 && space != namespace {
			return Errorf(CodeInvalidInput, "All properties must belong to the same namespace")
		}
		namespace = space
	}
	if namespace != RoleManagerNamespace {
		return Errorf(CodeInvalidInput, "Unsupported namespace: %s", namespace)
	}
	switch properties[roleManagerEnabled] {
	case "true":
		if err := d.makeRoleManagerRole(); err != nil {
			return err
		}
		d.setRoleManager(true)
	case "false":
		d.setRoleManager(false)
	case "":
		return Errorf(CodeInvalidInput, "RoleManager namespace requires Enabled property")
	default:
		return Errorf(CodeInvalidInput, "Enabled must be 'true' or 'false'")
	}
	return nil
}

func (d *Draft) setRoleManager(on bool) {
	if d.RoleManager != on {
		d.RoleManager = on
		d.putSettings()
	}
}

func (d *Draft) makeRoleManagerRole() error {
	if r, there := d.roles.Get(fold(RoleManagerRoleName)); there && r.Path == ServiceLinkedPath(RoleManagerService) {
		return nil
	}
	_, err := d.CreateServiceLinkedRole(RoleManagerService, "", "")
	return err
}

// TokenVersions are the versions of session tokens that AWS's global STS
// endpoint knows.
const (
	TokenVersion1 = 1
	TokenVersion2 = 2
)

// GlobalEndpointTokenVersion is the version of session tokens that the account
// wants of the global STS endpoint. Tokens that are issued here are good in every
// region, whichever it is.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
func (a *Account) GlobalEndpointTokenVersion() int { return max(a.TokenVersion, TokenVersion1) }

// SetGlobalEndpointTokenVersion sets the preference.
func (d *Draft) SetGlobalEndpointTokenVersion(version int) {
	if version != d.GlobalEndpointTokenVersion() {
		d.TokenVersion = version
		d.putSettings()
	}
}
