package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const chart = "deploy/helm/iamd"

// values are the chart's own with those of change over them, as Helm has them:
// numbers are those of JSON.
func values(t *testing.T, change string) map[string]any {
	t.Helper()
	over := func(text string) (m map[string]any) {
		t.Helper()
		j, err := yaml.YAMLToJSON([]byte(text))
		if err == nil {
			err = json.Unmarshal(j, &m)
		}
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	var merge func(to, from map[string]any)
	merge = func(to, from map[string]any) {
		for k, v := range from {
			if inner, ok := v.(map[string]any); ok && to[k] != nil {
				merge(to[k].(map[string]any), inner)
				continue
			}
			to[k] = v
		}
	}
	v := over(content(t, chart+"/values.yaml"))
	merge(v, over(change))
	return v
}

func chartSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(content(t, chart+"/values.schema.json")))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("chart.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("chart.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// objects renders the chart by the few functions that it uses of Helm's, and gives
// what it makes by "Kind/name".
func objects(t *testing.T, change string) map[string]map[string]any {
	t.Helper()
	v := values(t, change)
	if err := chartSchema(t).Validate(v); err != nil {
		t.Fatalf("the schema refuses %s: %v", change, err)
	}
	root := template.New("chart").Option("missingkey=error")
	indent := func(n int, s string) string {
		pad := strings.Repeat(" ", n)
		return "\n" + pad + strings.ReplaceAll(s, "\n", "\n"+pad)
	}
	root.Funcs(template.FuncMap{
		"quote":   func(v any) string { return strconv.Quote(fmt.Sprint(v)) },
		"nindent": indent,
		"default": func(otherwise, v any) any {
			if v == nil || v == "" {
				return otherwise
			}
			return v
		},
		"toYaml": func(v any) (string, error) {
			b, err := yaml.Marshal(v)
			return strings.TrimSuffix(string(b), "\n"), err
		},
		"sha256sum": func(s string) string {
			sum := sha256.Sum256([]byte(s))
			return hex.EncodeToString(sum[:])
		},
		"include": func(name string, data any) (string, error) {
			var out strings.Builder
			err := root.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
	})
	files, err := filepath.Glob(filepath.Join("..", chart, "templates", "*"))
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		template.Must(root.New(path.Base(file)).Parse(string(text)))
	}
	all := map[string]map[string]any{}
	for _, file := range files {
		var out bytes.Buffer
		data := map[string]any{
			"Values": v, "Chart": map[string]any{"AppVersion": "1.2.3"},
			"Release": map[string]any{"Name": "gate", "Namespace": "identity", "Service": "Helm"},
		}
		if err := root.ExecuteTemplate(&out, path.Base(file), data); err != nil {
			t.Fatal(err)
		}
		if path.Ext(file) != ".yaml" {
			continue
		}
		for _, document := range strings.Split(out.String(), "\n---\n") {
			var o map[string]any
			if err := yaml.UnmarshalWithOptions([]byte(document), &o, yaml.Strict()); err != nil {
				t.Fatalf("%s: %v\n%s", file, err, document)
			}
			if o == nil {
				continue
			}
			name := fmt.Sprint(o["kind"], "/", at(t, o, "metadata", "name"))
			if all[name] != nil {
				t.Errorf("%s is there twice", name)
			}
			all[name] = o
		}
	}
	return all
}

// at is what lies there: names lead into maps, numbers into lists.
func at(t *testing.T, v any, way ...any) any {
	t.Helper()
	for n, step := range way {
		switch in := v.(type) {
		case map[string]any:
			v = in[step.(string)]
		case []any:
			if i := step.(int); i < len(in) {
				v = in[i]
				continue
			}
			t.Fatalf("%v leads nowhere", way[:n+1])
		default:
			t.Fatalf("%v leads nowhere", way[:n+1])
		}
	}
	return v
}

// wantAt compares what lies there as JSON.
func wantAt(t *testing.T, v any, want string, way ...any) {
	t.Helper()
	got, err := json.Marshal(at(t, v, way...))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%v is %s, want %s", way, got, want)
	}
}

const shared = `
store: {kind: shared, existingSecret: iamd-store}
keyring: {existingSecret: iamd-keyring}
`

// TestChartEmbedded: as it comes, the chart is one pod with a volume, which may do
// nothing that it needs not.
func TestChartEmbedded(t *testing.T) {
	all := objects(t, "{}")
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, []string{"ConfigMap/gate", "Service/gate", "Service/gate-metrics", "ServiceAccount/gate", "StatefulSet/gate"}) {
		t.Fatalf("it makes %q", got)
	}
	set := all["StatefulSet/gate"]
	wantAt(t, set, "1", "spec", "replicas")
	wantAt(t, set, `"data"`, "spec", "volumeClaimTemplates", 0, "metadata", "name")
	wantAt(t, set, `"10Gi"`, "spec", "volumeClaimTemplates", 0, "spec", "resources", "requests", "storage")
	pod := at(t, set, "spec", "template", "spec")
	wantAt(t, pod, `{"fsGroup":65532,"fsGroupChangePolicy":"OnRootMismatch","runAsGroup":65532,"runAsNonRoot":true,"runAsUser":65532,"seccompProfile":{"type":"RuntimeDefault"}}`, "securityContext")
	wantAt(t, pod, "false", "automountServiceAccountToken")
	c := at(t, pod, "containers", 0)
	wantAt(t, c, `"iamd:1.2.3"`, "image")
	wantAt(t, c, `{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true}`, "securityContext")
	wantAt(t, c, `{"path":"/healthz","port":"api"}`, "livenessProbe", "httpGet")
	wantAt(t, c, `{"path":"/readyz","port":"api"}`, "readinessProbe", "httpGet")
	for _, labels := range []any{
		at(t, set, "spec", "selector", "matchLabels"), at(t, set, "spec", "template", "metadata", "labels"),
		at(t, all["Service/gate"], "spec", "selector"), at(t, all["Service/gate-metrics"], "spec", "selector"),
	} {
		wantAt(t, labels, `{"app.kubernetes.io/instance":"gate","app.kubernetes.io/name":"iamd"}`)
	}
	// Whatever is mounted is a volume, and whatever is written to is no part of the image.
	volumes := []string{"data"}
	for _, v := range at(t, pod, "volumes").([]any) {
		volumes = append(volumes, at(t, v, "name").(string))
	}
	for _, m := range at(t, c, "volumeMounts").([]any) {
		if !slices.Contains(volumes, at(t, m, "name").(string)) {
			t.Errorf("%v is no volume", m)
		}
	}
	ports := map[string]bool{}
	for _, p := range at(t, c, "ports").([]any) {
		ports[at(t, p, "name").(string)] = true
	}
	for _, service := range []string{"Service/gate", "Service/gate-metrics"} {
		for _, p := range at(t, all[service], "spec", "ports").([]any) {
			if target := at(t, p, "targetPort").(string); !ports[target] {
				t.Errorf("%s leads to %s, which the pod has not", service, target)
			}
		}
	}
	wantSettings(t, chart, content(t, chart+"/templates/_pod.tpl")+content(t, chart+"/values.yaml"))
}

// TestChartShared: nodes of a shared store are a Deployment, with the secrets that
// all need by reference, and everything optional.
func TestChartShared(t *testing.T) {
	all := objects(t, shared+`
replicas: 3
publicURL: https://iam.example.com
image: {repository: registry.example.com/iamd, digest: "sha256:`+strings.Repeat("0a", 32)+`"}
root: {existingSecret: iamd-root}
config: {gateway: {max_body: 10485760, apis: [{id: orders, account: "000000000012", upstream: "http://orders"}]}}
gateway: {enabled: true}
extraEnv: [{name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://collector:4318"}]
podLabels: {team: identity}
podAnnotations: {note: "yes"}
imagePullSecrets: [{name: pull}]
nodeSelector: {disk: ssd}
tolerations: [{key: a, operator: Exists}]
affinity: {nodeAffinity: {}}
priorityClassName: high
service: {annotations: {a: b}}
serviceAccount: {annotations: {a: b}}
serviceMonitor: {enabled: true, labels: {release: prometheus}}
networkPolicy:
  enabled: true
  clients: [{namespaceSelector: {matchLabels: {team: orders}}}]
  metrics: [{namespaceSelector: {matchLabels: {team: watch}}}]
  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]
`)
	want := []string{"ConfigMap/gate", "Deployment/gate", "NetworkPolicy/gate", "PodDisruptionBudget/gate", "Service/gate", "Service/gate-metrics", "ServiceAccount/gate", "ServiceMonitor/gate"}
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, want) {
		t.Fatalf("it makes %q", got)
	}
	d := all["Deployment/gate"]
	wantAt(t, d, "3", "spec", "replicas")
	wantAt(t, d, `{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}`, "spec", "strategy")
	pod := at(t, d, "spec", "template", "spec")
	c := at(t, pod, "containers", 0)
	wantAt(t, c, `"registry.example.com/iamd@sha256:`+strings.Repeat("0a", 32)+`"`, "image")
	wantAt(t, c, `[{"secretRef":{"name":"iamd-root"}}]`, "envFrom")
	env := map[string]any{}
	for _, e := range at(t, c, "env").([]any) {
		env[at(t, e, "name").(string)] = e
	}
	wantAt(t, env["IAMD_STORE"], `{"secretKeyRef":{"key":"url","name":"iamd-store"}}`, "valueFrom")
	wantAt(t, env["IAMD_KEYRING"], `{"secretKeyRef":{"key":"keyring","name":"iamd-keyring"}}`, "valueFrom")
	wantAt(t, env["IAMD_PUBLIC_URL"], `"https://iam.example.com"`, "value")
	wantAt(t, env["OTEL_EXPORTER_OTLP_ENDPOINT"], `"http://collector:4318"`, "value")
	wantAt(t, pod, `"kubernetes.io/hostname"`, "topologySpreadConstraints", 0, "topologyKey")
	wantAt(t, all["PodDisruptionBudget/gate"], "1", "spec", "maxUnavailable")
	wantAt(t, all["NetworkPolicy/gate"], `["Ingress","Egress"]`, "spec", "policyTypes")
	wantAt(t, all["NetworkPolicy/gate"], `[{"namespaceSelector":{"matchLabels":{"team":"watch"}}}]`, "spec", "ingress", 1, "from")
	wantAt(t, all["ServiceMonitor/gate"], `"app.kubernetes.io/name"`, "spec", "jobLabel")
	wantAt(t, all["Service/gate"], `[{"name":"api","port":4566,"targetPort":"api"},{"name":"gateway","port":4567,"targetPort":"gateway"}]`, "spec", "ports")

	text := at(t, all["ConfigMap/gate"], "data", "iamd.yaml").(string)
	var config map[string]any
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	wantAt(t, config, "10485760", "gateway", "max_body")
	wantAt(t, config, `"10s"`, "shutdown_delay")
	file := filepath.Join(t.TempDir(), "iamd.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	wantUnderstood(t, file)
	other := objects(t, shared+"config: {shutdown_delay: 11s}")["Deployment/gate"]
	if sum := []any{"spec", "template", "metadata", "annotations", "checksum/config"}; at(t, other, sum...) == at(t, d, sum...) {
		t.Error("another configuration is no new pod")
	}
}

// TestChartKeyring: a keyring that is mounted is root's file, for the pod's group, and
// does not come by the environment as well.
func TestChartKeyring(t *testing.T) {
	pod := at(t, objects(t, "keyring: {existingSecret: ring, key: now, mount: true}")["StatefulSet/gate"], "spec", "template", "spec")
	file := ""
	for _, e := range at(t, pod, "containers", 0, "env").([]any) {
		switch at(t, e, "name") {
		case "IAMD_KEYRING_FILE":
			file = at(t, e, "value").(string)
		case "IAMD_KEYRING":
			t.Error("it comes by the environment too")
		}
	}
	found := false
	for _, v := range at(t, pod, "volumes").([]any) {
		if at(t, v, "name") == "keyring" {
			found = true
			wantAt(t, v, `{"defaultMode":256,"items":[{"key":"now","path":"keyring"}],"secretName":"ring"}`, "secret")
		}
	}
	if !found {
		t.Error("there is no volume of it")
	}
	found = false
	for _, m := range at(t, pod, "containers", 0, "volumeMounts").([]any) {
		if at(t, m, "name") == "keyring" {
			found = true
			wantAt(t, m, "true", "readOnly")
			if want := at(t, m, "mountPath").(string) + "/keyring"; file != want {
				t.Errorf("the file is %q, and the mount's %q", file, want)
			}
		}
	}
	if !found {
		t.Error("it is not mounted")
	}
}

// TestChartSchema: what would not work is refused before it is installed.
func TestChartSchema(t *testing.T) {
	schema := chartSchema(t)
	for _, wrong := range []string{
		"store: {kind: shared}", "store: {kind: shared, existingSecret: s}", "store: {kind: shared, existingSecret: s}\nkeyring: {existingSecret: ''}",
		"store: {existingSecret: s}", "store: {kind: sqlite}", "replica: 3", "replicas: 0", "image: {tags: a}", "image: {digest: 'sha256:1'}",
		"config: {store: 'postgres://u:p@h/d'}", "config: {listen: ':1'}", "config: {gateway: {listen: ':1'}}", "publicURL: iam.example.com",
		"terminationGracePeriodSeconds: 10", "service: {port: 0}", "podLabels: {a: 1}", "networkPolicy: {enabled: 'yes'}",
	} {
		if err := schema.Validate(values(t, wrong)); err == nil {
			t.Errorf("it takes %s", wrong)
		}
	}
	for _, right := range []string{"{}", shared, shared + "replicas: 5", "podDisruptionBudget: {maxUnavailable: 50%}", "global: {a: b}", "keyring: {existingSecret: k, mount: true}"} {
		if err := schema.Validate(values(t, right)); err != nil {
			t.Errorf("it refuses %s: %v", right, err)
		}
	}
}
