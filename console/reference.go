package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"sync"

	"iamd/catalog"
	"iamd/web"
)

// What policies can speak of, for the visual editor: AWS's facts, the same for
// everybody, and no account's.
// https://docs.aws.amazon.com/service-authorization/latest/reference/
type (
	serviceName struct {
		Prefix string `json:"prefix"`
		Name   string `json:"name"`
	}
	serviceReference struct {
		serviceName
		Actions       []actionReference       `json:"actions"`
		ResourceTypes []resourceTypeReference `json:"resourceTypes"`
		ConditionKeys []keyReference          `json:"conditionKeys"`
	}
	actionReference struct {
		Name        string           `json:"name"`
		Level       string           `json:"level"`
		Description string           `json:"description"`
		Resources   []actionResource `json:"resources"`
		// ConditionKeys are the action's own and those of its resources.
		ConditionKeys []string `json:"conditionKeys"`
	}
	actionResource struct {
		Name     string `json:"name"`
		Required bool   `json:"required"`
	}
	resourceTypeReference struct {
		Name          string   `json:"name"`
		ARN           string   `json:"arn"`
		ConditionKeys []string `json:"conditionKeys"`
	}
	keyReference struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
)

// reference keeps the documents that were asked for, each made once: there are as
// many as services, and two.
type reference struct {
	documents sync.Map // of func() (*packedDocument, error), by name
}

// packedDocument is JSON as it is sent.
type packedDocument struct {
	content []byte // compressed
	etag    string
}

func referenceRows() []row {
	r := new(reference)
	return []row{
		public("reference/services", func(k *call, w http.ResponseWriter) error {
			return r.send(k, w, "services", func() any { return serviceNames() })
		}),
		public("reference/services/{prefix}", func(k *call, w http.ResponseWriter) error {
			s, ok := catalog.Service(k.Request.PathValue("prefix"))
			if !ok {
				return &refusal{http.StatusNotFound, "NotFound", "There is no such service."}
			}
			return r.send(k, w, "services/"+s.Prefix, func() any { return referenceOf(s) })
		}),
		public("reference/conditions", func(k *call, w http.ResponseWriter) error {
			return r.send(k, w, "conditions", func() any { return globalKeys() })
		}),
	}
}

// send answers with a document, which browsers keep and ask for by its ETag.
func (r *reference) send(k *call, w http.ResponseWriter, name string, content func() any) error {
	made, ok := r.documents.Load(name)
	if !ok {
		made, _ = r.documents.LoadOrStore(name, sync.OnceValues(func() (*packedDocument, error) { return pack(content()) }))
	}
	d, err := made.(func() (*packedDocument, error))()
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-cache")
	return web.SendPacked(w, k.Request, bytes.NewReader(d.content), int64(len(d.content)), d.etag)
}

func pack(v any) (*packedDocument, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	// A bytes.Buffer takes every write.
	_, _ = z.Write(text)
	_ = z.Close()
	sum := sha256.Sum256(text)
	return &packedDocument{slices.Clip(out.Bytes()), `"` + hex.EncodeToString(sum[:16]) + `"`}, nil
}

func serviceNames() (list []serviceName) {
	for s := range catalog.Services() {
		list = append(list, serviceName{s.Prefix, s.Name})
	}
	return list
}

func referenceOf(s *catalog.ServiceInfo) serviceReference {
	out := serviceReference{
		serviceName: serviceName{s.Prefix, s.Name},
		Actions:     []actionReference{}, ResourceTypes: []resourceTypeReference{}, ConditionKeys: []keyReference{},
	}
	for a := range s.Actions() {
		out.Actions = append(out.Actions, actionOf(a))
	}
	for t := range s.ResourceTypes() {
		out.ResourceTypes = append(out.ResourceTypes, resourceTypeReference{t.Name, t.ARN, append([]string{}, t.ConditionKeys...)})
	}
	for name, kind := range s.ConditionKeys() {
		out.ConditionKeys = append(out.ConditionKeys, keyReference{name, kind})
	}
	return out
}

// actionOf takes types that stand twice, with different keys, together.
func actionOf(a *catalog.ActionInfo) actionReference {
	out := actionReference{
		Name: a.Name, Level: a.AccessLevel, Description: a.Description,
		Resources: []actionResource{}, ConditionKeys: append([]string{}, a.ConditionKeys...),
	}
	for _, t := range a.ResourceTypes {
		out.ConditionKeys = append(out.ConditionKeys, t.ConditionKeys...)
		i := slices.IndexFunc(out.Resources, func(r actionResource) bool { return r.Name == t.Name })
		if i < 0 {
			out.Resources = append(out.Resources, actionResource{t.Name, t.Required})
			continue
		}
		out.Resources[i].Required = out.Resources[i].Required || t.Required
	}
	slices.Sort(out.ConditionKeys)
	out.ConditionKeys = slices.Compact(out.ConditionKeys)
	return out
}
