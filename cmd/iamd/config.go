package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"
)

// config is what the file, the environment and flags say. Its YAML keys are
// the settings' names; docs name them by these.
type config struct {
	DataDir   string `yaml:"data_dir"`
	Listen    string `yaml:"listen"`
	PublicURL string `yaml:"public_url"`
	Store     string `yaml:"store"`
	// StaleFor is how long memory counts without the store; nil: the default.
	StaleFor       *time.Duration `yaml:"stale_for"`
	KeyringFile    string         `yaml:"keyring_file"`
	TrustedProxies []string       `yaml:"trusted_proxies"`
	TemplatesFile  string         `yaml:"templates_file"`
	// ShutdownDelay is how long /readyz says so before a stop begins.
	ShutdownDelay time.Duration `yaml:"shutdown_delay"`
	// Topics are URLs by the ARNs of notification topics.
	Topics      map[string]string `yaml:"topics"`
	Log         logConfig         `yaml:"log"`
	Gateway     gatewayConfig     `yaml:"gateway"`
	StandIn     standInConfig     `yaml:"stand_in"`
	TLSListen   string            `yaml:"tls_listen"`
	Console     consoleConfig     `yaml:"console"`
	Workloads   workloadsConfig   `yaml:"workloads"`
	Envoy       envoyConfig       `yaml:"envoy"`
	ForwardAuth forwardAuthConfig `yaml:"forward_auth"`
	Audit       auditConfig       `yaml:"audit"`
	Metrics     metricsConfig     `yaml:"metrics"`
	Telemetry   telemetryConfig   `yaml:"telemetry"`
	Limits      limitsConfig      `yaml:"limits"`
	TLS         tlsConfig         `yaml:"tls"`
	Quotas      map[string]int    `yaml:"quotas"` // by AWS's names, see quotas.go
}

type logConfig struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // text, json
	// Requests logs a line for each request.
	Requests bool `yaml:"requests"`
}

type consoleConfig struct {
	// SignUp lets everybody make an account who reaches the console.
	SignUp bool `yaml:"sign_up"`
}

type gatewayConfig struct {
	Listen          string        `yaml:"listen"`
	MaxBody         int64         `yaml:"max_body"`    // bytes
	MemoryBody      int64         `yaml:"memory_body"` // bytes
	MaxSpool        int64         `yaml:"max_spool"`   // bytes
	MaxHeader       int64         `yaml:"max_header"`  // bytes
	SpoolDir        string        `yaml:"spool_dir"`
	BodyTimeout     time.Duration `yaml:"body_timeout"`
	UpstreamTimeout time.Duration `yaml:"upstream_timeout"`
	// ResourceControls lets resource control policies bind the guarded APIs, which
	// goes beyond AWS.
	ResourceControls bool        `yaml:"resource_control_policies"`
	APIs             []apiConfig `yaml:"apis"`
}

type apiConfig struct {
	ID             string        `yaml:"id"`
	Account        digits        `yaml:"account"`
	Region         string        `yaml:"region"`
	Stage          string        `yaml:"stage"`
	Hosts          []string      `yaml:"hosts"`
	PathPrefix     string        `yaml:"path_prefix"`
	Upstream       string        `yaml:"upstream"`
	OpenAPI        paths         `yaml:"openapi"` // files and directories
	PreserveHost   bool          `yaml:"preserve_host"`
	Authorization  string        `yaml:"authorization"`
	ResourcePolicy document      `yaml:"resource_policy"`
	CORS           *corsConfig   `yaml:"cors"`
	UsagePlans     *bool         `yaml:"usage_plans"` // nil: true
	Timeout        time.Duration `yaml:"timeout"`

	AcceptUncheckedBodies     bool `yaml:"accept_unchecked_bodies"`
	DisableExecuteAPIEndpoint bool `yaml:"disable_execute_api_endpoint"`
}

// staleFor is how long a node that is cut off from a shared store goes on deciding
// from memory, unless the configuration says.
const staleFor = 5 * time.Second

func defaults() config {
	return config{
		DataDir:  "iamd-data",
		Listen:   "127.0.0.1:4566",
		Log:      logConfig{Level: "info", Format: "text"},
		Gateway:  gatewayConfig{Listen: "127.0.0.1:4567"},
		StaleFor: new(staleFor),
	}
}

// setting is a key of the configuration and the field that it sets.
type setting struct {
	key   string // as in the file, with dots
	field any    // pointer
}

// env is the setting's environment variable.
func (s setting) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_"))
}

const (
	envPrefix = "IAMD_"
	envConfig = "IAMD_CONFIG"
)

// settings are all that the environment may set. What is no text stands there
// as YAML, of which JSON is a part; lists of texts may be separated by commas.
func (c *config) settings() []setting {
	return append(slices.Concat(c.Workloads.settings(), c.proxySettings(), c.auditSettings(), c.operatingSettings(), c.limitSettings()), []setting{
		{"data_dir", &c.DataDir},
		{"listen", &c.Listen},
		{"public_url", &c.PublicURL},
		{"store", &c.Store},
		{"stale_for", &c.StaleFor},
		{"keyring_file", &c.KeyringFile},
		{"trusted_proxies", &c.TrustedProxies},
		{"templates_file", &c.TemplatesFile},
		{"topics", &c.Topics},
		{"log.level", &c.Log.Level},
		{"log.format", &c.Log.Format},
		{"gateway.listen", &c.Gateway.Listen},
		{"gateway.max_body", &c.Gateway.MaxBody},
		{"gateway.memory_body", &c.Gateway.MemoryBody},
		{"gateway.max_spool", &c.Gateway.MaxSpool},
		{"gateway.max_header", &c.Gateway.MaxHeader},
		{"gateway.spool_dir", &c.Gateway.SpoolDir},
		{"gateway.body_timeout", &c.Gateway.BodyTimeout},
		{"gateway.upstream_timeout", &c.Gateway.UpstreamTimeout},
		{"gateway.resource_control_policies", &c.Gateway.ResourceControls},
		{"gateway.apis", &c.Gateway.APIs},
		{"tls_listen", &c.TLSListen},
		{"stand_in.name", &c.StandIn.Name},
		{"stand_in.authorization", &c.StandIn.Authorization},
		{"stand_in.documents", &c.StandIn.Documents},
		{"stand_in.resource_policy", &c.StandIn.ResourcePolicy},
		{"console.sign_up", &c.Console.SignUp},
		{"quotas", &c.Quotas},
	}...)
}

// secrets are the environment's alone: what the first account begins with, and
// the keyring.
var secrets = []string{
	"IAMD_ACCOUNT_ID", "IAMD_ACCOUNT_NAME", "IAMD_ROOT_EMAIL", "IAMD_ROOT_ACCESS_KEY_ID", "IAMD_ROOT_SECRET_ACCESS_KEY", "IAMD_ROOT_PASSWORD",
	"IAMD_KEYRING",
}

// load reads the file, if one is named, and the environment over it. The
// environment is a list of KEY=VALUE.
func load(file string, environ []string) (config, error) {
	var c config
	vars, err := ours(environ, &c)
	if err != nil {
		return c, err
	}
	if file == "" {
		file = vars[envConfig]
	}
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return c, usagef("config: %w", err)
		}
		if err := strict(text, &c); err != nil {
			return c, usagef("config: %s: %w", file, err)
		}
	}
	for _, s := range c.settings() {
		if value, ok := vars[s.env()]; ok {
			if err := s.set(value); err != nil {
				return c, usagef("%s: %w", s.env(), err)
			}
		}
	}
	c.fill()
	return c, nil
}

// fill puts defaults where nothing was said.
func (c *config) fill() {
	d := defaults()
	c.StaleFor = cmp.Or(c.StaleFor, d.StaleFor)
	c.DataDir, c.Listen = cmp.Or(c.DataDir, d.DataDir), cmp.Or(c.Listen, d.Listen)
	c.Log.Level, c.Log.Format = cmp.Or(c.Log.Level, d.Log.Level), cmp.Or(c.Log.Format, d.Log.Format)
	c.Gateway.Listen = cmp.Or(c.Gateway.Listen, d.Gateway.Listen)
}

// ours finds iamd's variables. An unknown one is refused: a setting that is
// misspelt is not in force.
func ours(environ []string, c *config) (map[string]string, error) {
	known := slices.Concat([]string{envConfig}, secrets)
	for _, s := range c.settings() {
		known = append(known, s.env())
	}
	vars := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) {
			continue
		}
		if !slices.Contains(known, name) {
			slices.Sort(known)
			return nil, usagef("the environment has %s, which is no setting of iamd: unset it, or correct it to one of %s", name, strings.Join(known, ", "))
		}
		vars[name] = value
	}
	return vars, nil
}

func (s setting) set(value string) error {
	switch field := s.field.(type) {
	case *string:
		*field = value
		return nil
	case *[]string:
		if !strings.HasPrefix(strings.TrimSpace(value), "[") {
			*field = nil
			for part := range strings.SplitSeq(value, ",") {
				if part = strings.TrimSpace(part); part != "" {
					*field = append(*field, part)
				}
			}
			return nil
		}
	}
	// What the file said does not mix with what the environment says.
	field := reflect.ValueOf(s.field).Elem()
	field.SetZero()
	if field.Kind() == reflect.Pointer && strings.TrimSpace(value) != "" {
		// The decoder would leave it as it is: nil.
		field.Set(reflect.New(field.Type().Elem()))
		return strict([]byte(value), field.Interface())
	}
	return strict([]byte(value), s.field)
}

// strict decodes YAML and refuses keys that do not exist or stand twice. The error
// tells the place and never the lines around it: a store's password may stand there.
func strict(text []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return errors.New(yaml.FormatError(err, false, false) + keyOf(err))
	}
	var more any
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one YAML document")
	}
	return nil
}

// keyOf names the key of a value that is of another type than it must be.
func keyOf(err error) string {
	var wrong *yaml.TypeError
	if !errors.As(err, &wrong) || wrong.Token == nil || wrong.Token.Prev == nil || wrong.Token.Prev.Type != token.MappingValueType || wrong.Token.Prev.Prev == nil {
		return ""
	}
	return ": " + wrong.Token.Prev.Prev.Value
}

// digits is a text of digits that need no quotes: YAML would take 000000000001
// for a number.
type digits string

// UnmarshalYAML takes the scalar as it is written.
func (d *digits) UnmarshalYAML(text []byte) error {
	*d = digits(strings.Trim(strings.TrimSpace(string(text)), `"'`))
	return nil
}

// document is a policy, as JSON in a text or as YAML of the same shape.
type document string

// UnmarshalYAML takes either form.
func (d *document) UnmarshalYAML(text []byte) error {
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
	case string:
		*d = document(v)
	case map[string]any:
		out, err := json.Marshal(v)
		if err != nil {
			return err
		}
		*d = document(out)
	default:
		return errors.New("a policy is a JSON text or a mapping")
	}
	return nil
}
