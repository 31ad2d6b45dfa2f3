package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"iamd/server/servertest"
)

// TestLifeGo leads every life by the SDK for Go.
func TestLifeGo(t *testing.T) {
	t.Parallel()
	leadLives(t, func(_ *testing.T, url string) client { return module{url} })
}

// module is the SDK for Go.
type module struct{ url string }

// makers make the SDK's clients, paginators and waiters, which are functions and
// cannot be found by name.
var makers = map[string]any{
	"iam": iam.NewFromConfig, "sts": sts.NewFromConfig, "organizations": organizations.NewFromConfig,

	"iam GetAccountAuthorizationDetails": iam.NewGetAccountAuthorizationDetailsPaginator,
	"iam GetGroup":                       iam.NewGetGroupPaginator,
	"iam ListAccessKeys":                 iam.NewListAccessKeysPaginator,
	"iam ListAttachedGroupPolicies":      iam.NewListAttachedGroupPoliciesPaginator,
	"iam ListAttachedRolePolicies":       iam.NewListAttachedRolePoliciesPaginator,
	"iam ListAttachedUserPolicies":       iam.NewListAttachedUserPoliciesPaginator,
	"iam ListEntitiesForPolicy":          iam.NewListEntitiesForPolicyPaginator,
	"iam ListGroupPolicies":              iam.NewListGroupPoliciesPaginator,
	"iam ListGroups":                     iam.NewListGroupsPaginator,
	"iam ListGroupsForUser":              iam.NewListGroupsForUserPaginator,
	"iam ListInstanceProfileTags":        iam.NewListInstanceProfileTagsPaginator,
	"iam ListInstanceProfiles":           iam.NewListInstanceProfilesPaginator,
	"iam ListInstanceProfilesForRole":    iam.NewListInstanceProfilesForRolePaginator,
	"iam ListMFADeviceTags":              iam.NewListMFADeviceTagsPaginator,
	"iam ListMFADevices":                 iam.NewListMFADevicesPaginator,
	"iam ListOpenIDConnectProviderTags":  iam.NewListOpenIDConnectProviderTagsPaginator,
	"iam ListPolicies":                   iam.NewListPoliciesPaginator,
	"iam ListPolicyTags":                 iam.NewListPolicyTagsPaginator,
	"iam ListPolicyVersions":             iam.NewListPolicyVersionsPaginator,
	"iam ListRolePolicies":               iam.NewListRolePoliciesPaginator,
	"iam ListRoleTags":                   iam.NewListRoleTagsPaginator,
	"iam ListRoles":                      iam.NewListRolesPaginator,
	"iam ListSAMLProviderTags":           iam.NewListSAMLProviderTagsPaginator,
	"iam ListSSHPublicKeys":              iam.NewListSSHPublicKeysPaginator,
	"iam ListServerCertificateTags":      iam.NewListServerCertificateTagsPaginator,
	"iam ListServerCertificates":         iam.NewListServerCertificatesPaginator,
	"iam ListSigningCertificates":        iam.NewListSigningCertificatesPaginator,
	"iam ListUserPolicies":               iam.NewListUserPoliciesPaginator,
	"iam ListUserTags":                   iam.NewListUserTagsPaginator,
	"iam ListUsers":                      iam.NewListUsersPaginator,
	"iam ListVirtualMFADevices":          iam.NewListVirtualMFADevicesPaginator,
	"iam SimulateCustomPolicy":           iam.NewSimulateCustomPolicyPaginator,
	"iam SimulatePrincipalPolicy":        iam.NewSimulatePrincipalPolicyPaginator,

	"organizations ListAWSServiceAccessForOrganization": organizations.NewListAWSServiceAccessForOrganizationPaginator,
	"organizations ListAccounts":                        organizations.NewListAccountsPaginator,
	"organizations ListAccountsForParent":               organizations.NewListAccountsForParentPaginator,
	"organizations ListChildren":                        organizations.NewListChildrenPaginator,
	"organizations ListCreateAccountStatus":             organizations.NewListCreateAccountStatusPaginator,
	"organizations ListDelegatedAdministrators":         organizations.NewListDelegatedAdministratorsPaginator,
	"organizations ListDelegatedServicesForAccount":     organizations.NewListDelegatedServicesForAccountPaginator,
	"organizations ListHandshakesForAccount":            organizations.NewListHandshakesForAccountPaginator,
	"organizations ListHandshakesForOrganization":       organizations.NewListHandshakesForOrganizationPaginator,
	"organizations ListOrganizationalUnitsForParent":    organizations.NewListOrganizationalUnitsForParentPaginator,
	"organizations ListPolicies":                        organizations.NewListPoliciesPaginator,
	"organizations ListPoliciesForTarget":               organizations.NewListPoliciesForTargetPaginator,
	"organizations ListTargetsForPolicy":                organizations.NewListTargetsForPolicyPaginator,

	"iam InstanceProfileExists": iam.NewInstanceProfileExistsWaiter,
	"iam PolicyExists":          iam.NewPolicyExistsWaiter,
	"iam RoleExists":            iam.NewRoleExistsWaiter,
	"iam UserExists":            iam.NewUserExistsWaiter,
}

func (module) spares(step) bool { return false }

func (m module) do(s step, cred aws.Credentials) (any, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	service, operation := s.named()
	said := &remarks{}
	cfg := servertest.Config(m.url, region, cred.AccessKeyID, cred.SecretAccessKey, cred.SessionToken)
	cfg.Logger, cfg.ClientLogMode = said, aws.LogDeprecatedUsage
	client, err := made(service, cfg)
	if err != nil {
		return nil, "", err
	}
	out, err := func() (any, error) {
		switch {
		case s.Pages != "":
			return turned(ctx, client, s)
		case s.Wait != "":
			waiter, err := made(service+" "+operation, client)
			if err != nil {
				return nil, err
			}
			in, err := input(waiter.MethodByName("Wait"), s.With, 0)
			if err != nil {
				return nil, err
			}
			_, err = output(waiter.MethodByName("Wait").Call([]reflect.Value{reflect.ValueOf(ctx), in, reflect.ValueOf(10 * time.Second)}))
			return nil, err
		}
		method := client.MethodByName(operation)
		if !method.IsValid() {
			return nil, fmt.Errorf("%s: %w", operation, errUnknown)
		}
		in, err := input(method, s.With, 0)
		if err != nil {
			return nil, err
		}
		return output(method.Call([]reflect.Value{reflect.ValueOf(ctx), in}))
	}()
	if e := smithy.APIError(nil); errors.As(err, &e) {
		err = &refusal{e.ErrorCode(), e.ErrorMessage()}
	}
	return out, said.String(), err
}

// turned takes all pages of a list.
func turned(ctx context.Context, client reflect.Value, s step) (any, error) {
	service, operation := s.named()
	method := client.MethodByName(operation)
	if !method.IsValid() {
		return nil, fmt.Errorf("%s: %w", operation, errUnknown)
	}
	in, err := input(method, s.With, s.Size)
	if err != nil {
		return nil, err
	}
	pages, err := made(service+" "+operation, client.Interface(), in.Interface())
	if err != nil {
		return nil, err
	}
	var all map[string]any
	for pages.MethodByName("HasMorePages").Call(nil)[0].Bool() {
		page, err := output(pages.MethodByName("NextPage").Call([]reflect.Value{reflect.ValueOf(ctx)}))
		if err != nil {
			return nil, err
		}
		all = together(all, page)
	}
	return all, nil
}

// made calls a maker.
func made(name string, args ...any) (reflect.Value, error) {
	maker, ok := makers[name]
	if !ok {
		return reflect.Value{}, fmt.Errorf("makers has no %q", name)
	}
	in := make([]reflect.Value, len(args))
	for i, arg := range args {
		if v, ok := arg.(reflect.Value); ok {
			in[i] = v
		} else {
			in[i] = reflect.ValueOf(arg)
		}
	}
	return reflect.ValueOf(maker).Call(in)[0], nil
}

// input reads a method's input, its second argument, from plain values; unknown
// members are refused. Lists come by pages of a size, unless that is 0.
func input(method reflect.Value, with map[string]any, size int) (reflect.Value, error) {
	in := reflect.New(method.Type().In(1).Elem())
	text, err := json.Marshal(with)
	if err != nil {
		return in, err
	}
	reader := json.NewDecoder(strings.NewReader(string(text)))
	reader.DisallowUnknownFields()
	if err := reader.Decode(in.Interface()); err != nil {
		return in, err
	}
	for _, name := range []string{"MaxItems", "MaxResults"} {
		if field := in.Elem().FieldByName(name); field.IsValid() && size > 0 {
			field.Set(reflect.ValueOf(aws.Int32(int32(size))))
		}
	}
	return in, nil
}

// output gives what a call gave: its last value is the error, the one before the
// output.
func output(values []reflect.Value) (any, error) {
	last := len(values) - 1
	if err, failed := values[last].Interface().(error); failed {
		return nil, err
	}
	if last == 0 {
		return nil, nil
	}
	return plain(values[0].Interface())
}

// remarks are what the SDK logs: deprecated uses, and all that it warns of.
type remarks struct {
	mu    sync.Mutex
	lines []string
}

func (r *remarks) Logf(level logging.Classification, format string, v ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf("%s: ", level)+fmt.Sprintf(format, v...))
}

func (r *remarks) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}
