package workload

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"iamd/guard"
	"iamd/limits"
)

// Container says which tasks have a role; without tasks the door is closed.
type Container struct {
	Listen string
	Region string // that the tasks run in; empty: us-east-1
	Tasks  []Task
}

// Task is a container with a role.
type Task struct {
	Name string // in its URL: letters, digits and _.-
	Role string // ARN
	// TokenFile holds what the task shows that it is the one. It is read again for
	// each call; one that is not there at the start is made.
	TokenFile string
	// SessionName is that of its sessions; empty: the task's id, which is new at each
	// start.
	SessionName string
}

const (
	ecsTasks = "ecs-tasks.amazonaws.com"
	// credentialsPath precedes a task's name.
	credentialsPath = "/v1/credentials"
	// ecsPrefix begins the messages of the agent on AWS's own machines.
	ecsPrefix = "CredentialsV1Request: "
)

// guessing is how many wrong tokens one address may show for one task. Who holds
// the token waits too where somebody guesses at the same address.
var guessing = limits.Bound{Tries: 20, Span: time.Minute}

// Containers is the credentials endpoint of containers.
type Containers struct {
	Deps
	tasks   map[string]*task
	nobody  *task // whose token nobody has
	guesses *limits.Tries
	// looking makes guesses at once no more than guesses in a row.
	looking sync.Mutex
}

type task struct {
	workload
	role  string
	token *tokenFile // nil: there is none
}

var taskName = regexp.MustCompile(`^[\w.-]{1,64}$`)

// NewContainers makes the door, and the token files that are not there yet. It
// fails for a configuration that cannot be meant.
func NewContainers(cfg Container, deps Deps) (*Containers, error) {
	c := &Containers{Deps: deps, tasks: map[string]*task{}, nobody: &task{}, guesses: limits.NewTries(guessing)}
	region := cmp.Or(cfg.Region, "us-east-1")
	if !regionName.MatchString(region) {
		return nil, fmt.Errorf("workloads.container.region: %q is no region's name", region)
	}
	for i, t := range cfg.Tasks {
		fail := func(key, format string, args ...any) error {
			return fmt.Errorf("workloads.container.tasks[%d].%s: %w", i, key, fmt.Errorf(format, args...))
		}
		account, ok := accountOf(roleARN, t.Role)
		switch {
		case !taskName.MatchString(t.Name) || t.Name == "." || t.Name == "..":
			return nil, fail("name", "%q: write letters, digits, _, . and -, 64 at most", t.Name)
		case c.tasks[t.Name] != nil:
			return nil, fail("name", "%q is another task's", t.Name)
		case !ok:
			return nil, fail("role", "%q is no role's ARN, such as arn:aws:iam::111122223333:role/Worker", t.Role)
		case t.SessionName != "" && !sessionName.MatchString(t.SessionName):
			return nil, fail("session_name", "%q: write 2 to 64 letters, digits and _+=,.@-", t.SessionName)
		case t.TokenFile == "":
			return nil, fail("token_file", "missing: name the file that holds the task's token")
		}
		token, err := openTokenFile(t.TokenFile, &c.Deps)
		if err != nil {
			return nil, fail("token_file", "%w", err)
		}
		id := c.taskID()
		c.tasks[t.Name] = &task{role: t.Role, token: token, workload: workload{
			service: ecsTasks, name: t.Name, session: cmp.Or(t.SessionName, id), region: region,
			// AWS's tasks are of a cluster; the one that it makes by itself is default.
			source: guard.OnBehalf{
				SourceARN: "arn:aws:ecs:" + region + ":" + account + ":task/default/" + id, SourceAccount: account,
			},
		}}
	}
	return c, nil
}

// taskID makes a task's id as ECS does.
func (c *Containers) taskID() string {
	var b [16]byte
	c.read(b[:])
	return hex.EncodeToString(b[:])
}

// credentials is the answer, in the agent's names.
type credentials struct {
	RoleArn         string
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	Token           string
	Expiration      string
}

// refusal is an error, in the agent's names.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Status  int    `json:"HTTPErrorCode"`
}

func (c *Containers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, answer := c.answer(r)
	c.Observe("container", status)
	body, err := json.Marshal(answer)
	if err != nil {
		panic("workload: " + err.Error()) // texts and numbers always marshal
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	if status == http.StatusMethodNotAllowed {
		h.Set("Allow", http.MethodGet)
	}
	w.WriteHeader(status)
	// A client that has gone hears no answer.
	_, _ = w.Write(body)
}

func (c *Containers) answer(r *http.Request) (status int, answer any) {
	if !trusted(r) {
		return refuse(http.StatusForbidden, "UnknownHost", "This address is answered for addresses, localhost and names of one part only.")
	}
	name, ok := strings.CutPrefix(r.URL.Path, credentialsPath)
	if !ok || r.URL.RawPath != "" || name != "" && name[0] != '/' {
		return refuse(http.StatusNotFound, "NotFound", "Ask for "+credentialsPath+"/ and the task's name.")
	}
	if r.Method != http.MethodGet {
		return refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "Only GET is answered.")
	}
	name = strings.TrimPrefix(name, "/")
	if name == "" {
		return refuse(http.StatusBadRequest, "NoIdInRequest", ecsPrefix+"No ID in the request")
	}
	t, err := c.holder(name, r)
	if err != nil {
		return refuse(err.Status, err.Code, err.Message)
	}
	return c.keys(r, t)
}

func (c *Containers) keys(r *http.Request, t *task) (int, any) {
	k, err := c.take(r.Context(), &t.workload, t.role)
	var denied *guard.Denied
	switch {
	case err == nil:
		return http.StatusOK, credentials{
			RoleArn: t.role, AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, Token: k.SessionToken,
			Expiration: stamp(k.Expiration),
		}
	case errors.Is(err, errNoRole):
		return refuse(http.StatusNotFound, "NoCredentialsAssociated", ecsPrefix+"No credentials associated: the role "+t.role+" does not exist")
	case errors.As(err, &denied):
		return refuse(http.StatusForbidden, "AccessDeniedException", denied.Error())
	}
	c.Log.Error("no keys for a task", "task", t.name, "error", err)
	return refuse(http.StatusInternalServerError, "InternalServerError", ecsPrefix+"Internal server error")
}

// holder is the task of that name, if the request shows its token. Names that are
// none get the same answers, however often somebody guesses: what is wrong is
// counted for all names together, and who shows the right token waits for
// those at its own.
func (c *Containers) holder(name string, r *http.Request) (*task, *refusal) {
	throttled := &refusal{"ThrottlingException", "Rate exceeded", http.StatusTooManyRequests}
	known := c.tasks[name]
	t := cmp.Or(known, c.nobody)
	from, now := source(r)+" ", c.Now()
	c.looking.Lock()
	defer c.looking.Unlock()
	if known != nil && c.guesses.Spent(from+name, now) {
		return nil, throttled
	}
	good := t.token.matches(r.Header.Values("Authorization"), c.Log)
	if known != nil && good {
		return known, nil
	}
	if known != nil { // names that strangers make up fill no table
		c.guesses.Begin(from+name, now)
	}
	if !c.guesses.Begin(from, now) {
		return nil, throttled
	}
	return nil, &refusal{"AccessDeniedException", ecsPrefix + "No task has this name and the token of the Authorization header", http.StatusUnauthorized}
}

func refuse(status int, code, message string) (int, refusal) {
	return status, refusal{code, message, status}
}
