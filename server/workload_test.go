package server

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/workload"
)

const workAccount = "111122223333"

// working is a server that listens, with a role for a task and one for an instance.
type working struct {
	*Server
	at    Addresses
	admin *sdk.Client
	ahead *atomic.Int64 // of the world's clock, nanoseconds
}

func startWorking(t *testing.T) *working {
	t.Helper()
	w := &working{ahead: new(atomic.Int64)}
	w.Server = start(t, Config{
		DataDir: t.TempDir(), Listen: "127.0.0.1:0", Root: Root{AccountID: workAccount},
		Now: func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) },
		Workloads: Workloads{
			Container: workload.Container{Listen: "127.0.0.1:0", Region: "eu-west-1", Tasks: []workload.Task{{Name: "batch", Role: "arn:aws:iam::" + workAccount + ":role/Batch"}}},
			Instance:  workload.Instance{Listen: "127.0.0.1:0", Region: "eu-west-1", ID: "i-1234567890abcdef0", Profile: "arn:aws:iam::" + workAccount + ":instance-profile/Web"},
		},
	})
	ctx, stop := context.WithCancel(context.Background())
	ended, ready := make(chan error, 1), make(chan Addresses, 1)
	go func() { ended <- w.Serve(ctx, func(at Addresses) { ready <- at }) }()
	select {
	case w.at = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		closed(t, w.Server)
	})
	w.admin = sdk.NewFromConfig(root(w.FirstStart(), w.url()))
	for name, service := range map[string]string{"Batch": "ecs-tasks.amazonaws.com", "Web": "ec2.amazonaws.com"} {
		if _, err := w.admin.CreateRole(ctx, &sdk.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}}`)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.admin.CreateInstanceProfile(ctx, &sdk.CreateInstanceProfileInput{InstanceProfileName: aws.String("Web")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.admin.AddRoleToInstanceProfile(ctx, &sdk.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("Web"), RoleName: aws.String("Web")}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *working) url() string { return "http://" + w.at.API.String() }

// chain is the SDK's own search for credentials, in an environment of nothing but
// what is given.
func (w *working) chain(t *testing.T, env map[string]string) aws.Config {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": w.url()} {
		t.Setenv(name, value)
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
	cfg, err := awsconfig.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// identity is who the SDK's keys are.
func identity(t *testing.T, cfg aws.Config) string {
	t.Helper()
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return *who.Arn
}

func keyOf(t *testing.T, cfg aws.Config) string {
	t.Helper()
	keys, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return keys.AccessKeyID
}

// almost is how old keys are that are about to end, in nanoseconds.
const almost = int64(5*time.Hour + 50*time.Minute)

// TestContainerCredentials: the SDK's own chain gets the task's role by its token
// file, and new keys when the old are about to end.
func TestContainerCredentials(t *testing.T) {
	w := startWorking(t)
	cfg := w.chain(t, map[string]string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI":     "http://" + w.at.Containers.String() + "/v1/credentials/batch",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": filepath.Join(w.cfg.DataDir, "tasks", "batch.token"),
	})
	w.ahead.Store(-almost)
	first := keyOf(t, cfg)
	w.ahead.Store(0)
	arn := identity(t, cfg)
	name, ok := strings.CutPrefix(arn, "arn:aws:sts::"+workAccount+":assumed-role/Batch/")
	if !ok || len(name) != 32 {
		t.Errorf("the task is %s", arn)
	}
	if still := keyOf(t, cfg); still != first {
		t.Errorf("%s, then %s", first, still)
	}
	cfg.Credentials.(*aws.CredentialsCache).Invalidate()
	if again, second := identity(t, cfg), keyOf(t, cfg); again != arn || second == first {
		t.Errorf("%s by %s, then %s by %s", arn, first, again, second)
	}
	if _, err := w.admin.DeleteRole(t.Context(), &sdk.DeleteRoleInput{RoleName: aws.String("Batch")}); err != nil {
		t.Fatal(err)
	}
	cfg.Credentials.(*aws.CredentialsCache).Invalidate()
	if _, err := cfg.Credentials.Retrieve(t.Context()); err == nil || !strings.Contains(err.Error(), "NoCredentialsAssociated") {
		t.Errorf("without the role: %v", err)
	}
}

// TestInstanceMetadata: the SDK's own chain gets the role of the instance profile,
// and its metadata client reads what stands beside it.
func TestInstanceMetadata(t *testing.T) {
	w := startWorking(t)
	cfg := w.chain(t, map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://" + w.at.Metadata.String()})
	w.ahead.Store(-almost)
	first := keyOf(t, cfg)
	w.ahead.Store(0) // the metadata client's token is over, and it asks for another
	arn := identity(t, cfg)
	if arn != "arn:aws:sts::"+workAccount+":assumed-role/Web/i-1234567890abcdef0" {
		t.Errorf("the instance is %s", arn)
	}
	client := imds.NewFromConfig(cfg)
	region, err := client.GetRegion(t.Context(), nil)
	if err != nil || region.Region != "eu-west-1" {
		t.Errorf("%+v, %v", region, err)
	}
	is, err := client.GetInstanceIdentityDocument(t.Context(), nil)
	if err != nil || is.AccountID != workAccount || is.InstanceID != "i-1234567890abcdef0" || is.AvailabilityZone != "eu-west-1a" {
		t.Errorf("%+v, %v", is, err)
	}
	info, err := client.GetIAMInfo(t.Context(), nil)
	if err != nil || info.InstanceProfileArn != "arn:aws:iam::"+workAccount+":instance-profile/Web" {
		t.Errorf("%+v, %v", info, err)
	}
	cfg.Credentials.(*aws.CredentialsCache).Invalidate()
	if again, second := identity(t, cfg), keyOf(t, cfg); again != arn || second == first {
		t.Errorf("%s by %s, then %s by %s", arn, first, again, second)
	}
}

// TestWorkloadDoors: the doors are closed unless they are told whom to serve, bound
// what they read, and are counted.
func TestWorkloadDoors(t *testing.T) {
	plain := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, plain)
	if plain.containers != nil || plain.metadata != nil {
		t.Error("a door is open that nobody asked for")
	}
	for want, bad := range map[string]Workloads{
		"workloads.container.tasks[0].role": {Container: workload.Container{Tasks: []workload.Task{{Name: "a", Role: "b"}}}},
		"workloads.container.tasks[0].name": {Container: workload.Container{Tasks: []workload.Task{{Name: "../a", Role: "b"}}}},
		"workloads.instance: without":       {Instance: workload.Instance{Region: "eu-west-1"}},
	} {
		dir := t.TempDir()
		if _, err := New(t.Context(), Config{DataDir: dir, Workloads: bad}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		if _, err := os.Stat(RootFile(dir)); err == nil {
			t.Errorf("%s: an account was made", want)
		}
	}
	w := startWorking(t)
	for _, at := range []net.Addr{w.at.Containers, w.at.Metadata} {
		r, err := http.NewRequest(http.MethodGet, "http://"+at.String()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Long", strings.Repeat("x", 128<<10))
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if a.Body.Close(); a.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("a header of 128 KiB: %d", a.StatusCode)
		}
	}
	a, err := http.Get("http://" + w.at.Metadata.String() + "/latest/meta-data/")
	if err != nil {
		t.Fatal(err)
	}
	if a.Body.Close(); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %d", a.StatusCode)
	}
	families, err := w.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range families {
		if f.GetName() == "iamd_workload_requests_total" {
			found = true
			if m := f.GetMetric(); len(m) != 1 || m[0].GetCounter().GetValue() != 1 || m[0].GetLabel()[1].GetValue() != "401" {
				t.Errorf("%v", m)
			}
		}
	}
	if !found {
		t.Error("nothing is counted")
	}
}
