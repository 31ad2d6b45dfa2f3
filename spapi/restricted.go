package spapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"iamd/iam"
	"iamd/lwa"
)

// Headers by which the gateway says who calls.
const (
	headerClient  = "X-Iamd-Client-Id"
	headerPartner = "X-Iamd-Selling-Partner-Id"
)

// maxRestricted bounds a request for a restricted data token, in bytes: fifty
// resources with long paths.
const maxRestricted = 128 << 10

// tokenRequest is what createRestrictedDataToken takes.
type tokenRequest struct {
	TargetApplication   string    `json:"targetApplication"`
	RestrictedResources resources `json:"restrictedResources"`
}

type resource struct {
	Method       string   `json:"method"`
	Path         string   `json:"path"`
	DataElements []string `json:"dataElements"`
}

// resources are a list, or one without a list around it, which Amazon takes too.
type resources []resource

func (r *resources) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("{")) {
		*r = make(resources, 1)
		return json.Unmarshal(data, &(*r)[0])
	}
	return json.Unmarshal(data, (*[]resource)(r))
}

// RestrictedDataTokens answers createRestrictedDataToken. It believes the headers
// that say who calls: only the gateway may hand requests to it.
func (d *Door) RestrictedDataTokens() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k, code := d.begin(r), ""
		token, err := d.restrictedDataToken(w, r)
		if err == nil {
			answer(w, http.StatusOK, struct {
				Expires int64  `json:"expiresIn"`
				Token   string `json:"restrictedDataToken"`
			}{int64(lwa.AccessLife / time.Second), token})
		} else {
			code = d.refuseSelling(w, k, err)
		}
		d.observe(k, "lwa:restrictedDataToken", code)
	})
}

func (d *Door) restrictedDataToken(w http.ResponseWriter, r *http.Request) (string, error) {
	unreadable := iam.Errorf(lwa.CodeInvalidInput, "Invalid Input")
	body, err := receive(w, r, maxRestricted)
	if err != nil {
		return "", unreadable
	}
	var in tokenRequest
	if err := json.Unmarshal(body, &in); err != nil {
		return "", unreadable
	}
	var list []lwa.Resource
	for _, one := range in.RestrictedResources {
		list = append(list, lwa.Resource{Method: one.Method, Path: one.Path, DataElements: one.DataElements})
	}
	return d.cfg.Tokens.Restrict(r.Context(), r.Header.Get(headerClient), r.Header.Get(headerPartner), in.TargetApplication, list)
}

// refuseSelling writes an error in the Selling Partner API's form, as its services
// lay it out, and gives its code.
func (d *Door) refuseSelling(w http.ResponseWriter, k *call, err error) string {
	var (
		rule *iam.Error
		gone *lwa.Refused
	)
	status, code, message := http.StatusInternalServerError, "InternalFailure", "We encountered an internal error. Please try again."
	switch {
	case errors.As(err, &rule):
		status, code, message = http.StatusBadRequest, rule.Code, rule.Message
	case errors.As(err, &gone):
		status, code, message = http.StatusForbidden, "Unauthorized", "Access to requested resource is denied."
	case iam.Unavailable(err), k.Err() != nil:
		status, code, message = http.StatusServiceUnavailable, "ServiceUnavailable", "The service is temporarily unavailable. Please try again."
	default:
		d.cfg.Log.Error("restricted data token not made", "request", k.ID, "action", "lwa:restrictedDataToken", "error", err)
	}
	type problem struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Details string `json:"details"`
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that has gone hears no answer.
	_, _ = w.Write(encode(map[string][]problem{"errors": {{code, message, ""}}}, "  "))
	return code
}
