package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
)

func appCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "app",
		Short: "Register applications that call the Selling Partner API",
		Long: "Register applications that call the Selling Partner API, with the role or user that signs\n" +
			"their calls, and give them what Login with Amazon asks for. The commands act with the\n" +
			"credentials that the AWS CLI would use, or with --credentials-file, on the iamd at --endpoint\n" +
			"or AWS_ENDPOINT_URL, and print JSON. Policies allow them as sellingpartnerapi: actions.",
	}
	cmd.AddCommand(appRegisterCommand(), appListCommand(), appShowCommand(), appAuthorizeCommand(),
		appRevokeCommand(), appRotateSecretCommand(), appDeleteCommand())
	return cmd
}

// appRow makes a command of one request.
func appRow(use, short, long string, args cobra.PositionalArgs, bind func(*cobra.Command), request func(args []string) (appRequest, error)) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := request(args)
			if err != nil {
				return err
			}
			answer, err := f.app(cmd.Context(), r)
			if err != nil || len(answer) == 0 {
				return err
			}
			return printJSON(cmd.OutOrStdout(), answer)
		},
	}
	f.bind(cmd.Flags(), "URL of iamd; empty: AWS_ENDPOINT_URL")
	if bind != nil {
		bind(cmd)
	}
	return cmd
}

func appRegisterCommand() *cobra.Command {
	var in struct {
		Name           string `json:"name"`
		IAMARN         string `json:"iam_arn"`
		SellingPartner string `json:"selling_partner_id,omitempty"`
	}
	cmd := appRow("register", "Register an application and show its client secret, once",
		"Register an application with the ARN of the role or user that signs its calls, and authorize\n"+
			"it for one selling partner. The client secret and the refresh token are shown this once.",
		noArguments, func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&in.Name, "name", "", "name of the application (required)")
			cmd.Flags().StringVar(&in.IAMARN, "iam-arn", "", "ARN of a role or user of your account (required)")
			cmd.Flags().StringVar(&in.SellingPartner, "selling-partner-id", "", "selling partner who authorizes it (default: one made up)")
		}, func([]string) (appRequest, error) {
			if in.Name == "" || in.IAMARN == "" {
				return appRequest{}, usagef("an application has a name and signs as somebody: iamd app register --name NAME --iam-arn ARN")
			}
			return appRequest{method: http.MethodPost, path: "", body: &in}, nil
		})
	cmd.Example = "  iamd app register --name orders --iam-arn arn:aws:iam::111122223333:role/SellingPartnerAPIRole"
	return cmd
}

func appListCommand() *cobra.Command {
	return appRow("list", "List your account's applications", "", noArguments, nil, func([]string) (appRequest, error) {
		return appRequest{method: http.MethodGet}, nil
	})
}

func appShowCommand() *cobra.Command {
	return appRow("show CLIENT_ID", "Show an application", "", oneClient, nil, func(args []string) (appRequest, error) {
		return appRequest{method: http.MethodGet, path: appPath(args...)}, nil
	})
}

func appAuthorizeCommand() *cobra.Command {
	var in struct {
		SellingPartner string `json:"selling_partner_id,omitempty"`
		Code           bool   `json:"code,omitempty"`
	}
	return appRow("authorize CLIENT_ID", "Authorize an application for a selling partner",
		"Authorize an application for a selling partner, as a seller does in Seller Central, and show\n"+
			"a refresh token; or with --code the code that Seller Central would send to the\n"+
			"application, which it exchanges for one within five minutes.",
		oneClient, func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&in.SellingPartner, "selling-partner-id", "", "the selling partner (default: one made up)")
			cmd.Flags().BoolVar(&in.Code, "code", false, "show an authorization code in place of a refresh token")
		}, func(args []string) (appRequest, error) {
			return appRequest{method: http.MethodPost, path: appPath(args[0]) + "/authorizations", body: &in}, nil
		})
}

func appRevokeCommand() *cobra.Command {
	return appRow("revoke CLIENT_ID SELLING_PARTNER_ID", "Take a selling partner's authorization back",
		"Take a selling partner's authorization back: its refresh tokens and access tokens stop\nworking at once.",
		func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("whose authorization? iamd app revoke CLIENT_ID SELLING_PARTNER_ID")
			}
			return nil
		}, nil, func(args []string) (appRequest, error) {
			return appRequest{method: http.MethodDelete, path: appPath(args[0]) + "/authorizations" + appPath(args[1])}, nil
		})
}

func appRotateSecretCommand() *cobra.Command {
	return appRow("rotate-secret CLIENT_ID", "Give an application a new client secret and show it, once",
		"Give an application a new client secret and show it, once. The old one works on until the\ntime that is shown.",
		oneClient, nil, func(args []string) (appRequest, error) {
			return appRequest{method: http.MethodPost, path: appPath(args...) + "/secret"}, nil
		})
}

func appDeleteCommand() *cobra.Command {
	return appRow("delete CLIENT_ID", "Delete an application",
		"Delete an application: all its tokens stop working at once.",
		oneClient, nil, func(args []string) (appRequest, error) {
			return appRequest{method: http.MethodDelete, path: appPath(args...)}, nil
		})
}

func oneClient(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("which application? Name it by its client id: iamd app list shows them")
	}
	return nil
}

// appPath is where an application is, or what belongs to it.
func appPath(parts ...string) (path string) {
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	return path
}

// errNoEndpoint says that there is nobody to ask: AWS itself has no such
// applications.
var errNoEndpoint = errors.New("set --endpoint or AWS_ENDPOINT_URL to the URL of an iamd")

// app asks iamd, with the caller's own keys.
func (f *clientFlags) app(ctx context.Context, r appRequest) (rawAnswer, error) {
	cfg, err := f.aws(ctx)
	if err != nil {
		return nil, err
	}
	if cfg.BaseEndpoint == nil || *cfg.BaseEndpoint == "" {
		return nil, &usageError{errNoEndpoint}
	}
	return r.send(ctx, cfg)
}
