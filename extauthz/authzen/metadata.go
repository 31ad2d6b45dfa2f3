package authzen

import (
	"net/http"
	"strings"
)

// metadata tells where the endpoints are. It is the same for everybody.
func (d *Door) metadata(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		answer(w, http.StatusMethodNotAllowed, "The document is read by GET.")
		return
	}
	base := strings.TrimSuffix(d.deps.PublicURL(), "/")
	at := base + strings.TrimSuffix(Path, "/")
	w.Header().Set("Cache-Control", "public, max-age=300")
	answer(w, http.StatusOK, struct {
		Base        string `json:"policy_decision_point"`
		Evaluation  string `json:"access_evaluation_endpoint"`
		Evaluations string `json:"access_evaluations_endpoint"`
		Subject     string `json:"search_subject_endpoint"`
		Resource    string `json:"search_resource_endpoint"`
		Action      string `json:"search_action_endpoint"`
	}{base, at + "/evaluation", at + "/evaluations", at + "/search/subject", at + "/search/resource", at + "/search/action"})
}
