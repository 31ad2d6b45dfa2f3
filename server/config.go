package server

import (
	"io"
	"log/slog"
	"time"

	"iamd/api"
	"iamd/gateway"
	"iamd/iam"
	"iamd/org"
	"iamd/store"
)

// Config says how a server is put together. Zero values are the defaults that
// the comments name.
type Config struct {
	// Listen is the address of the AWS APIs; empty: 127.0.0.1:4566.
	Listen string
	// PublicURL is where others reach the AWS APIs, http or https; a path in it is
	// for a proxy that takes it away. Issuers of web identity tokens have it in
	// their names. Empty: http and the address of Listen.
	PublicURL string
	// DataDir holds the embedded store, the keyring and the root user's credentials.
	DataDir string
	// Existing asks for accounts that are there already: New makes nothing, and
	// fails with ErrNoAccounts when there are none.
	Existing bool
	// Store is where rows are kept; empty: the embedded store in DataDir.
	Store string
	// Backend is a store that is open already; nil: Store says which to open. The
	// server closes it.
	Backend store.Backend
	// StaleFor is how long a node that is cut off from a store that others share goes
	// on deciding from memory; 0: not at all.
	StaleFor time.Duration
	// Keyring is the content of a keyring; empty: that of KeyringFile.
	Keyring string
	// KeyringFile is the keyring's file, which is read again when it changes; empty:
	// DataDir/keyring, made on the first start of an embedded store.
	KeyringFile string
	// TrustedProxies are the networks whose X-Forwarded-For and
	// X-Forwarded-Proto are believed.
	TrustedProxies []string
	// Limits bound how often clients call, and how many are connected.
	Limits Limits
	// TLS is the certificate that Listen and the gateway answer by; without one they
	// answer without TLS.
	TLS TLS
	// Gateway guards APIs; without APIs it is off.
	Gateway gateway.Config
	// Documents are files and directories of OpenAPI documents that answer for an
	// API, by its place in Gateway.APIs.
	Documents map[int][]string
	// StandIn is an API of Amazon's that is answered here; off unless it is named.
	StandIn StandIn
	// TLSListen is where the doors answer by TLS, under the host names of AWS and
	// Amazon too; empty: nowhere, or 127.0.0.1:8443 with a stand-in.
	TLSListen string
	// Workloads get a role's keys without keys of their own; off unless it names some.
	Workloads Workloads
	// Envoy and ForwardAuth are asked by proxies that pass requests on themselves;
	// both are closed unless they have an address.
	Envoy       Envoy
	ForwardAuth ForwardAuth
	// Root is what the first account begins with.
	Root Root
	// Console is how the console is served.
	Console Console
	// Outside is how the servers of identity providers are reached.
	Outside api.Outside
	// Templates are the installation's own, of roles and of delegation requests.
	Templates iam.TemplateFile
	// Audit says which events are kept, for how long, and where they go besides.
	Audit Audit
	// Through, if it is there, stands between the server and its store, and says what
	// the server sees of it: for who watches or disturbs it.
	Through func(store.Backend) store.Backend
	// Topics are where requestors of delegated access hear of it; nil: nobody may
	// ask for it.
	Topics api.Topics
	// Quotas are AWS's unless changed.
	Quotas iam.Quotas
	// OrganizationQuotas likewise.
	OrganizationQuotas org.Quotas
	// PasswordCost is what hashing a new password costs; zero: what people need.
	PasswordCost iam.PasswordCost
	// ControlExecuteAPI lets resource control policies bind guarded APIs too, which
	// goes beyond AWS: there they do not.
	ControlExecuteAPI bool

	// LogRequests logs a line for each request; otherwise they are logged for who
	// debugs.
	LogRequests bool
	// MetricsListen is the address of /metrics; empty: it is Listen's, for all to see
	// who reach that.
	MetricsListen string
	// Telemetry says where traces go.
	Telemetry Telemetry
	// ShutdownDelay is how long a server that was told to stop goes on while /readyz
	// says so, for load balancers to notice.
	ShutdownDelay time.Duration

	// Now and Rand are the world's; nil: time.Now and crypto/rand.
	Now  func() time.Time
	Rand io.Reader
	Log  *slog.Logger // nil: discarded
}

// Root is what the first account begins with; what is empty is made at random, but
// for its name, root, and the e-mail address, root@example.com.
type Root struct {
	AccountID       string
	AccountName     string
	Email           string
	AccessKeyID     string
	SecretAccessKey string
	Password        string
}
