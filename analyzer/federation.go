package analyzer

import (
	"slices"
	"strings"

	"iamd/catalog"
)

// federationChecks are those of OpenID Connect providers in the trust policies of roles.
var federationChecks = []func(*document){
	oidcConditions,
	gitHubSubjects,
	audiences,
}

const gitHub = "token.actions.githubusercontent.com"

// publicProviders are the OpenID Connect providers that need not be created (IAM User Guide, "AWS JSON policy elements:
// Principal").
var publicProviders = []string{"cognito-identity.amazonaws.com", "accounts.google.com", "www.amazon.com", "graph.facebook.com"}

// assumed tells whether a statement lets roles be assumed: one of a trust policy, or of a policy that may be one.
func (d *document) assumed(s *statement) bool {
	if d.opt.Type != ResourcePolicy || d.opt.ResourceType != "" {
		return d.trust()
	}
	list, not := s.actions()
	return !not && slices.ContainsFunc(list, func(v value) bool {
		return strings.HasPrefix(strings.ToLower(v.text), "sts:assumerole")
	})
}

// principalsOf lists the values of the principals of one type.
func principalsOf(list []principal, kind string) (out []value) {
	for i := range list {
		if list[i].key == kind {
			out = append(out, list[i].list...)
		}
	}
	return out
}

// oidcProvider is the name of an OpenID Connect provider, which the keys of its claims begin with.
func oidcProvider(principal string) (string, bool) {
	if _, name, ok := strings.Cut(principal, ":oidc-provider/"); ok {
		return name, name != ""
	}
	return principal, slices.Contains(publicProviders, principal)
}

// claims tells whether a statement has a condition on a claim of a provider; "" stands for any claim.
func (s *statement) claims(provider, claim string) bool {
	prefix := strings.ToLower(provider + ":" + claim)
	return slices.ContainsFunc(s.conditions, func(c condition) bool {
		key := strings.ToLower(c.key)
		return key == prefix || claim == "" && strings.HasPrefix(key, prefix)
	})
}

// oidcConditions: whoever the provider knows may assume the role.
func oidcConditions(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		if !s.allow() || !d.assumed(s) {
			continue
		}
		for _, v := range principalsOf(s.principals, "Federated") {
			provider, ok := oidcProvider(v.text)
			if !ok {
				continue
			}
			if !s.claims(provider, "") {
				d.report("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", []place{v.place})
			}
			if strings.EqualFold(provider, gitHub) && !s.claims(gitHub, "sub") {
				d.report("MISSING_GITHUB_REPO_CONDITION_KEY", []place{v.place})
			}
		}
	}
}

// gitHubSubjects: a subject names one branch of one repository, or a repository while a condition of its own names the
// branch.
func gitHubSubjects(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		if !s.allow() || !d.assumed(s) {
			continue
		}
		for _, c := range s.conditions {
			if op, ok := parseOperator(c.operator.key); !ok || op.family != opString || op.negated || !strings.EqualFold(c.key, gitHub+":sub") {
				continue
			}
			for _, v := range c.list {
				if wild(v.text) || !branchSubject(v.text) && !(strings.HasPrefix(v.text, "repo:") && s.claims(gitHub, "ref")) {
					d.report("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", []place{v.place})
				}
			}
		}
	}
}

// branchSubject tells whether a subject is repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH.
func branchSubject(sub string) bool {
	repo, branch, ok := strings.Cut(sub, ":ref:refs/heads/")
	owner, name, slash := strings.Cut(strings.TrimPrefix(repo, "repo:"), "/")
	return ok && slash && strings.HasPrefix(repo, "repo:") && owner != "" && name != "" && branch != ""
}

// audiences: of a provider that AWS lists no claims for, only its owner knows how many values the claim has. AWS says so
// of every such claim, with a qualifier or without.
func audiences(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		if !d.assumed(s) {
			continue
		}
		for _, c := range s.conditions {
			if _, known := catalog.ConditionKeyType(c.key); audience(c.key) && !known {
				d.report("CONFIRM_AUDIENCE_CLAIM_TYPE", []place{c.keyAt}, "key", c.key, "audienceType", "audience")
			}
		}
	}
}
