package console

import (
	"slices"

	"iamd/guard"
)

// getAPIs is the action that listing the guarded APIs is, as with API Gateway.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/security_iam_service-with-iam.html
const getAPIs = "apigateway:GET"

// Application is an API behind the gateway.
type Application struct {
	ID      string `json:"id"`
	Stage   string `json:"stage"`
	Account string `json:"account"`
	Region  string `json:"region"`
	// Hosts are the names by which it is called; none: any that no other has.
	Hosts      []string `json:"hosts"`
	PathPrefix string   `json:"pathPrefix,omitempty"`
	// ARN is of everything that may be invoked in it.
	ARN            string `json:"arn"`
	Authorization  string `json:"authorization"` // such as AWS_IAM
	ResourcePolicy string `json:"resourcePolicy"`
	Upstream       string `json:"upstream,omitempty"`
}

// applicationsRow lists the APIs of the caller's account. It is asked for in each
// region that the account has some in, and in the caller's where it has none.
func (c *Console) applicationsRow() row {
	return signed[struct{}]{
		path: "applications", source: "apigateway.amazonaws.com", event: "GetRestApis", action: getAPIs,
		checks: func(k *call, _ *struct{}) ([]guard.Check, error) {
			regions := []string{}
			for _, a := range c.applications(k.Caller.Account) {
				regions = append(regions, a.Region)
			}
			if len(regions) == 0 {
				regions = append(regions, k.Caller.Region)
			}
			slices.Sort(regions)
			checks := []guard.Check{}
			for _, region := range slices.Compact(regions) {
				checks = append(checks, guard.Check{Action: getAPIs, Resource: "arn:aws:apigateway:" + region + "::/restapis"})
			}
			return checks, nil
		},
		run: func(c *Console, k *call, _ *struct{}) (any, error) { return c.applications(k.Caller.Account), nil },
	}.row()
}

// applications are those of an account.
func (c *Console) applications(account string) []Application {
	list := []Application{}
	if c.cfg.Applications == nil {
		return list
	}
	for _, a := range c.cfg.Applications() {
		if a.Account == account {
			list = append(list, a)
		}
	}
	return list
}
