package workload

import (
	"encoding/json"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"time"
)

// troubleshooting is where AWS's refusals send their readers.
const troubleshooting = "Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc."

// look answers for one path of the tree. A directory is answered with or without a
// slash at its end; nothing is redirected.
func (m *Metadata) look(r *http.Request) (status int, body string) {
	path := strings.TrimSuffix(r.URL.Path, "/")
	leaf := path == r.URL.Path
	if rest, ok := strings.CutPrefix(path, "/latest/meta-data/iam"); ok && (rest == "" || rest[0] == '/') {
		return m.lookIAM(r, rest, leaf)
	}
	switch path {
	case "":
		return http.StatusOK, "latest"
	case "/latest":
		return http.StatusOK, listing("dynamic", "meta-data")
	case "/latest/meta-data":
		return http.StatusOK, listing("iam/", "instance-id", "placement/", "services/")
	case "/latest/meta-data/placement":
		return http.StatusOK, listing("availability-zone", "region")
	case "/latest/meta-data/services":
		return http.StatusOK, listing("domain", "partition")
	case "/latest/dynamic":
		return http.StatusOK, listing("instance-identity/")
	case "/latest/dynamic/instance-identity":
		return http.StatusOK, listing("document")
	}
	if !leaf {
		return http.StatusNotFound, ""
	}
	switch path {
	case "/latest/meta-data/instance-id":
		return http.StatusOK, m.cfg.ID
	case "/latest/meta-data/placement/region":
		return http.StatusOK, m.cfg.Region
	case "/latest/meta-data/placement/availability-zone":
		return http.StatusOK, m.cfg.Zone
	case "/latest/meta-data/services/domain":
		return http.StatusOK, "amazonaws.com"
	case "/latest/meta-data/services/partition":
		return http.StatusOK, "aws"
	case "/latest/dynamic/instance-identity/document":
		return http.StatusOK, document(m.identity())
	}
	return http.StatusNotFound, ""
}

// lookIAM answers for the part of the tree that the instance profile gives.
func (m *Metadata) lookIAM(r *http.Request, path string, leaf bool) (status int, body string) {
	profile, role, arn, err := m.profile(r)
	if err != nil {
		m.Log.Error("no instance profile", "error", err)
		return http.StatusInternalServerError, ""
	}
	switch {
	case path == "" && role != nil:
		return http.StatusOK, listing("info", "security-credentials/")
	case path == "":
		return http.StatusOK, listing("info")
	case path == "/info" && leaf:
		info := infoDocument{Code: "Success", LastUpdated: stamp(m.Now())}
		switch {
		case profile == nil:
			info.Code, info.Message = "InstanceProfileNotFound", "Instance Profile "+m.cfg.Profile+" cannot be found. "+troubleshooting
		case role == nil:
			info.Message = "Instance Profile does not contain a role. " + troubleshooting
			fallthrough
		default:
			info.InstanceProfileArn, info.InstanceProfileID = m.cfg.Profile, profile.ID
		}
		return http.StatusOK, document(info)
	case role == nil:
		return http.StatusNotFound, ""
	case path == "/security-credentials":
		return http.StatusOK, role.Name
	case path == "/security-credentials/"+role.Name && leaf:
		return m.keys(r, role.Name, arn)
	}
	return http.StatusNotFound, ""
}

// keys are the role's. As on AWS a refusal is a document of its own, by 200.
func (m *Metadata) keys(r *http.Request, role, arn string) (status int, body string) {
	k, err := m.take(r.Context(), &m.workload, arn)
	switch {
	case err == nil:
		return http.StatusOK, document(keysDocument{
			Code: "Success", LastUpdated: stamp(k.at), Type: "AWS-HMAC",
			AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, Token: k.SessionToken, Expiration: stamp(k.Expiration),
		})
	case errors.Is(err, errUnwilling):
		return http.StatusOK, document(infoDocument{
			Code: "AssumeRoleUnauthorizedAccess", Message: "EC2 cannot assume the role " + role + ". " + troubleshooting, LastUpdated: stamp(m.Now()),
		})
	case errors.Is(err, errNoRole): // it went while it was looked at
		return http.StatusNotFound, ""
	}
	m.Log.Error("no keys for the instance", "role", arn, "error", err)
	return http.StatusInternalServerError, ""
}

type infoDocument struct {
	Code               string
	Message            string `json:",omitempty"`
	LastUpdated        string
	InstanceProfileArn string `json:",omitempty"`
	InstanceProfileID  string `json:"InstanceProfileId,omitempty"`
}

type keysDocument struct {
	Code, LastUpdated, Type string
	AccessKeyID             string `json:"AccessKeyId"`
	SecretAccessKey         string
	Token, Expiration       string
}

// identityDocument describes the instance. What iamd does not know of this machine
// is null, as AWS writes what an instance does not have.
type identityDocument struct {
	AccountID               string   `json:"accountId"`
	Architecture            string   `json:"architecture"`
	AvailabilityZone        string   `json:"availabilityZone"`
	BillingProducts         []string `json:"billingProducts"`
	DevpayProductCodes      []string `json:"devpayProductCodes"`
	MarketplaceProductCodes []string `json:"marketplaceProductCodes"`
	ImageID                 *string  `json:"imageId"`
	InstanceID              string   `json:"instanceId"`
	InstanceType            *string  `json:"instanceType"`
	KernelID                *string  `json:"kernelId"`
	PendingTime             string   `json:"pendingTime"`
	PrivateIP               *string  `json:"privateIp"`
	RamdiskID               *string  `json:"ramdiskId"`
	Region                  string   `json:"region"`
	Version                 string   `json:"version"`
}

// architectures are AWS's names for what Go calls otherwise.
var architectures = map[string]string{"amd64": "x86_64", "386": "i386"}

func (m *Metadata) identity() identityDocument {
	architecture, ok := architectures[runtime.GOARCH]
	if !ok {
		architecture = runtime.GOARCH
	}
	return identityDocument{
		AccountID: m.account, Architecture: architecture, AvailabilityZone: m.cfg.Zone, InstanceID: m.cfg.ID,
		PendingTime: stamp(m.started), Region: m.cfg.Region, Version: "2017-09-30",
	}
}

// stamp is a time as AWS writes it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func document(v any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic("workload: " + err.Error()) // texts always marshal
	}
	return string(b)
}
