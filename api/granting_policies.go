package api

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/catalog"
	"iamd/guard"
	"iamd/iam"
)

// grantingPageSize is how many policies a page of ListPoliciesGrantingServiceAccess
// may hold before it ends with the service that it is at. AWS says no number, and
// answers for two hundred services at once.
const grantingPageSize = 1000

// grantingPolicyActions are the rows of which policies open services.
func grantingPolicyActions() []Action {
	return []Action{
		read("ListPoliciesGrantingServiceAccess", checkGrantingPolicies, (*API).listPoliciesGrantingServiceAccess),
	}
}

// checkGrantingPolicies asks for who is asked about. AWS finds that by name and
// takes whatever path the ARN has; what must be allowed is the true ARN.
func checkGrantingPolicies(c *Call, action string, in *sdk.ListPoliciesGrantingServiceAccessInput) ([]guard.Check, error) {
	arn := aws.ToString(in.Arn)
	e, owner, err := iam.ParseGrantedARN(arn)
	if err != nil {
		return nil, err
	}
	return whoseAccess(c, action, arn, e, owner)
}

// whoseAccess asks for an entity by its true ARN. Another account's may not be
// asked about, by anybody.
func whoseAccess(c *Call, action, arn string, e iam.Entity, owner string) ([]guard.Check, error) {
	if owner != c.Account.ID {
		return nil, iam.Errorf(iam.CodeAccessDenied, "User: %s is not authorized to perform the operation on %s", c.Caller.ARN, arn)
	}
	if _, err := c.Account.GrantsOf(e); err != nil {
		return one(guard.Check{Action: action, Resource: arn})
	}
	check, _ := entityCheck(c, action, e)
	check.Named = arn // not the true one, which who may not ask would learn
	return one(check)
}

func (a *API) listPoliciesGrantingServiceAccess(c *Call, in *sdk.ListPoliciesGrantingServiceAccessInput) (*sdk.ListPoliciesGrantingServiceAccessOutput, error) {
	services, err := servicesNamed(in.ServiceNamespaces)
	if err != nil {
		return nil, err
	}
	after, err := readMarker(in.Marker)
	if err != nil {
		return nil, err
	}
	if in.Marker != nil {
		i := slices.IndexFunc(services, func(s *catalog.ServiceInfo) bool { return s.Prefix == after })
		if i < 0 {
			return nil, iam.Errorf(iam.CodeInvalidInput, "The marker passed in the request was invalid.")
		}
		services = services[i+1:]
	}
	e, owner, err := iam.ParseGrantedARN(aws.ToString(in.Arn))
	if err != nil {
		return nil, err
	}
	policies, err := c.Account.PoliciesOf(e)
	if err != nil || owner != c.Account.ID {
		return nil, iam.Errorf(iam.CodeNoSuchEntity, "ARN %s does not exist.", aws.ToString(in.Arn))
	}
	out := &sdk.ListPoliciesGrantingServiceAccessOutput{PoliciesGrantingServiceAccess: []types.ListPoliciesGrantingServiceAccessEntry{}}
	granting, held := iam.NewGranting(), 0
	for _, s := range services {
		if held >= grantingPageSize {
			out.IsTruncated, out.Marker = true, aws.String(writeMarker(after))
			break
		}
		entry := types.ListPoliciesGrantingServiceAccessEntry{ServiceNamespace: aws.String(s.Prefix), Policies: []types.PolicyGrantingServiceAccess{}}
		for _, p := range granting.Of(s, policies) {
			entry.Policies = append(entry.Policies, showGranting(p))
		}
		out.PoliciesGrantingServiceAccess = append(out.PoliciesGrantingServiceAccess, entry)
		held, after = held+len(entry.Policies), s.Prefix
	}
	return out, nil
}

// servicesNamed finds the services, each once.
func servicesNamed(namespaces []string) ([]*catalog.ServiceInfo, error) {
	var list []*catalog.ServiceInfo
	var unknown []string
	for _, n := range namespaces {
		if s, ok := serviceNamed(n); !ok {
			unknown = append(unknown, n)
		} else if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	if unknown != nil {
		return nil, iam.Errorf(iam.CodeInvalidInput, "Invalid service namespace: [%s]", strings.Join(unknown, ", "))
	}
	return list, nil
}

func showGranting(p *iam.GrantingPolicy) types.PolicyGrantingServiceAccess {
	if p.ARN != "" {
		return types.PolicyGrantingServiceAccess{PolicyName: aws.String(p.Name), PolicyType: types.PolicyTypeManaged, PolicyArn: aws.String(p.ARN)}
	}
	return types.PolicyGrantingServiceAccess{
		PolicyName: aws.String(p.Name), PolicyType: types.PolicyTypeInline,
		EntityName: aws.String(p.Owner.Name), EntityType: types.PolicyOwnerEntityType(strings.ToUpper(p.Owner.Word())),
	}
}
