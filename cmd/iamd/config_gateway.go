package main

import (
	"time"

	"iamd/gateway"
	"iamd/server"
)

// corsConfig lets web pages of other origins call an API.
type corsConfig struct {
	AllowOrigins     []string      `yaml:"allow_origins"`
	AllowMethods     []string      `yaml:"allow_methods"`
	AllowHeaders     []string      `yaml:"allow_headers"`
	ExposeHeaders    []string      `yaml:"expose_headers"`
	MaxAge           time.Duration `yaml:"max_age"`
	AllowCredentials bool          `yaml:"allow_credentials"`
}

// guarded hands the APIs to the server.
func (c *gatewayConfig) guarded(out *server.Config) error {
	for i, a := range c.APIs {
		api := gateway.API{
			ID: a.ID, Account: string(a.Account), Region: a.Region, Stage: a.Stage, Hosts: a.Hosts, PathPrefix: a.PathPrefix,
			Upstream: a.Upstream, PreserveHost: a.PreserveHost, Authorization: a.Authorization,
			ResourcePolicy: string(a.ResourcePolicy), Timeout: a.Timeout,
			AcceptUncheckedBodies: a.AcceptUncheckedBodies, DisableExecuteAPIEndpoint: a.DisableExecuteAPIEndpoint,
			NoUsagePlans: a.UsagePlans != nil && !*a.UsagePlans,
		}
		if a.CORS != nil {
			shared := gateway.CORS(*a.CORS)
			api.CORS = &shared
		}
		out.Gateway.APIs = append(out.Gateway.APIs, api)
		if len(a.OpenAPI) == 0 {
			continue
		}
		if a.Upstream != "" {
			return usagef("gateway.apis: %q has an upstream and openapi: choose who answers", a.ID)
		}
		if out.Documents == nil {
			out.Documents = map[int][]string{}
		}
		out.Documents[i] = a.OpenAPI
	}
	return nil
}
