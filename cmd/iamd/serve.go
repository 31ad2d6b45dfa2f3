package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"iamd/gateway"
	"iamd/server"
)

// flags are those of every command that knows where the data are.
type flags struct {
	set    *pflag.FlagSet
	file   string
	values config
}

// bind adds the flags; serve's own only for serve.
func (f *flags) bind(set *pflag.FlagSet, serve bool) {
	d := defaults()
	f.set = set
	set.StringVar(&f.file, "config", "", "configuration file, YAML (IAMD_CONFIG)")
	set.StringVar(&f.values.DataDir, "data-dir", d.DataDir, "directory of the store, the keyring and the root credentials (IAMD_DATA_DIR)")
	set.StringVar(&f.values.Store, "store", "", "URL of the store; empty: embedded, in the data directory (IAMD_STORE)")
	if !serve {
		return
	}
	set.StringVar(&f.values.Listen, "listen", d.Listen, "address of the AWS APIs (IAMD_LISTEN)")
	set.StringVar(&f.values.PublicURL, "public-url", "",
		"URL at which others reach the AWS APIs, in the names of token issuers; empty: http and the address of --listen (IAMD_PUBLIC_URL)")
	set.StringVar(&f.values.Gateway.Listen, "gateway-listen", d.Gateway.Listen, "address of the gateway, if APIs are configured (IAMD_GATEWAY_LISTEN)")
	f.bindStandIn(set)
	set.StringVar(&f.values.Log.Level, "log-level", d.Log.Level, "debug, info, warn or error (IAMD_LOG_LEVEL)")
	set.StringVar(&f.values.Log.Format, "log-format", d.Log.Format, "text or json (IAMD_LOG_FORMAT)")
	set.StringSliceVar(&f.values.TrustedProxies, "trusted-proxies", nil,
		"networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed (IAMD_TRUSTED_PROXIES)")
}

// config is the configuration with what was set on the command line over it.
func (f *flags) config() (config, error) {
	c, err := load(f.file, os.Environ())
	if err != nil {
		return c, err
	}
	v := &f.values
	for name, field := range map[string]struct{ to, from any }{
		"data-dir":        {&c.DataDir, &v.DataDir},
		"store":           {&c.Store, &v.Store},
		"listen":          {&c.Listen, &v.Listen},
		"public-url":      {&c.PublicURL, &v.PublicURL},
		"gateway-listen":  {&c.Gateway.Listen, &v.Gateway.Listen},
		"stand-in":        {&c.StandIn.Name, &v.StandIn.Name},
		"tls-listen":      {&c.TLSListen, &v.TLSListen},
		"log-level":       {&c.Log.Level, &v.Log.Level},
		"log-format":      {&c.Log.Format, &v.Log.Format},
		"trusted-proxies": {&c.TrustedProxies, &v.TrustedProxies},
	} {
		if !f.set.Changed(name) {
			continue
		}
		switch to := field.to.(type) {
		case *string:
			*to = *field.from.(*string)
		case *[]string:
			*to = *field.from.(*[]string)
		}
	}
	return c, nil
}

// server is the configuration as the server takes it.
func (c *config) server(getenv func(string) string, log *slog.Logger) (server.Config, error) {
	quotas, organization, err := c.quotas()
	if err != nil {
		return server.Config{}, err
	}
	g := c.Gateway
	out := server.Config{
		Listen: c.Listen, PublicURL: c.PublicURL, DataDir: c.DataDir, Store: c.Store, StaleFor: *c.StaleFor, Keyring: getenv("IAMD_KEYRING"), KeyringFile: c.KeyringFile,
		TrustedProxies: c.TrustedProxies, Quotas: quotas, OrganizationQuotas: organization, Log: log, ControlExecuteAPI: g.ResourceControls,
		Console: server.Console{SignUp: c.Console.SignUp, Version: version()},
		Root: server.Root{
			AccountID: getenv("IAMD_ACCOUNT_ID"), AccountName: getenv("IAMD_ACCOUNT_NAME"), Email: getenv("IAMD_ROOT_EMAIL"),
			AccessKeyID: getenv("IAMD_ROOT_ACCESS_KEY_ID"), SecretAccessKey: getenv("IAMD_ROOT_SECRET_ACCESS_KEY"),
			Password: getenv("IAMD_ROOT_PASSWORD"),
		},
		Gateway: gateway.Config{
			Listen: g.Listen, MaxBody: g.MaxBody, MemoryBody: g.MemoryBody, MaxSpool: g.MaxSpool, SpoolDir: g.SpoolDir,
			MaxHeader:   g.MaxHeader,
			BodyTimeout: g.BodyTimeout, UpstreamTimeout: g.UpstreamTimeout,
		},
	}
	c.standIn(&out)
	out.Workloads = c.Workloads.server()
	c.proxies(&out)
	if err := c.operating(&out, getenv); err != nil {
		return server.Config{}, err
	}
	if err := c.limiting(&out); err != nil {
		return server.Config{}, err
	}
	if err := c.auditing(&out); err != nil {
		return server.Config{}, err
	}
	if err := c.delegation(&out); err != nil {
		return server.Config{}, err
	}
	if err := g.guarded(&out); err != nil {
		return server.Config{}, err
	}
	return out, nil
}

// logger writes to w as the configuration says.
func (c *logConfig) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return nil, usagef("log.level %q is none: write debug, info, warn or error", c.Level)
	}
	opt := &slog.HandlerOptions{Level: level}
	switch c.Format {
	case "text":
		return slog.New(slog.NewTextHandler(w, opt)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, opt)), nil
	}
	return nil, usagef("log.format %q is none: write text or json", c.Format)
}

func serveCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the AWS APIs, the console and the gateway",
		Long: "Serve the AWS APIs, the console, and the gateway if the configuration has APIs to guard. The\n" +
			"first start makes an account, writes its root key to DATA-DIR/root-credentials.csv, and how\n" +
			"its root user signs in to the console to DATA-DIR/console-credentials.csv.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd, &f) },
	}
	f.bind(cmd.Flags(), true)
	return cmd
}

func serve(cmd *cobra.Command, f *flags) (err error) {
	c, err := f.config()
	if err != nil {
		return err
	}
	log, err := c.Log.logger(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	cfg, err := c.server(os.Getenv, log)
	if err != nil {
		return err
	}
	// Events are printed once all else is.
	greeted := make(chan struct{})
	if cfg.Audit.Sinks, err = c.Audit.sinks(cmd.OutOrStdout(), greeted); err != nil {
		return err
	}
	if err := keepCoreSecret(); err != nil {
		log.Warn("a crash may write secrets to a core file", "error", err)
	}
	ctx := cmd.Context()
	s, err := server.New(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, s.Close(closing))
	}()
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	manager := newManager(os.Getenv("NOTIFY_SOCKET"), log)
	go reloadOnHangup(ctx, hangups, manager, s)
	defer context.AfterFunc(ctx, manager.Stopping)()
	return s.Serve(ctx, func(at server.Addresses) {
		greet(cmd.OutOrStdout(), s.FirstStart(), cfg.Root, server.RootFile(c.DataDir), s.ConsoleURL(), at)
		close(greeted)
		manager.Ready()
	})
}

// reloadOnHangup takes the files of the keyring and of the certificate over whenever
// the process gets SIGHUP, and tells the manager when that is done.
func reloadOnHangup(ctx context.Context, hangups <-chan os.Signal, m *manager, s *server.Server) {
	for {
		select {
		case <-hangups:
			m.Reloading(func() {
				// What is wrong is in the server's log.
				_, _ = s.ReloadKeyring(ctx, false)
				_ = s.ReloadTLS()
			})
		case <-ctx.Done():
			return
		}
	}
}
