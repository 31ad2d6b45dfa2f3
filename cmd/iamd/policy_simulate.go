package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"iamd/policy"
)

// questionFlags are the policies, the caller and the requests of policy simulate
// and policy explain.
type questionFlags struct {
	policies, session, scps, rcps   []string
	boundary, resourcePolicy, trust string
	caller, resourceAccount         string
	actions, resources, context     []string
	format                          string
}

const questionHelp = "A policy is an identity-based one, of the caller or its groups. Each --scp and --rcp is a level\n" +
	"of its own, from the organization's root down, and every level must allow. A resource belongs\n" +
	"to --resource-account, or to the account in its ARN, or else to the caller's. Without --caller it is\n" +
	"somebody of the account that owns the resource who calls.\n\n" +
	"--context sets a condition key: KEY=VALUE for a single-valued one; KEY=[A,B], or KEY more than\n" +
	"once, for a multivalued one; KEY=[] for one without a value. Of itself a request has aws:CurrentTime,\n" +
	"aws:EpochTime, aws:PrincipalAccount, aws:PrincipalArn, aws:PrincipalType, aws:ResourceAccount and,\n" +
	"of a user, aws:username, as far as they are known."

// bind adds the flags; often tells in their help that --action and --resource may
// be repeated, "" where they may not.
func (f *questionFlags) bind(set *pflag.FlagSet, often string) {
	set.StringArrayVar(&f.policies, "policy", nil, "file of an identity-based policy; may be repeated")
	set.StringVar(&f.boundary, "boundary", "", "file of the caller's permissions boundary")
	set.StringArrayVar(&f.session, "session", nil, "file of a session policy; may be repeated")
	set.StringArrayVar(&f.scps, "scp", nil, "file of a service control policy, a level of its own; may be repeated")
	set.StringArrayVar(&f.rcps, "rcp", nil, "file of a resource control policy, a level of its own; may be repeated")
	set.StringVar(&f.resourcePolicy, "resource-policy", "", "file of the resource's own policy")
	set.StringVar(&f.trust, "trust", "", "file of the trust policy of the role to be assumed")
	set.StringVar(&f.caller, "caller", "", "ARN of the user, role, assumed-role session or root user who calls")
	set.StringVar(&f.resourceAccount, "resource-account", "", "account that owns the resources")
	set.StringArrayVar(&f.actions, "action", nil, "action, such as s3:GetObject"+often)
	set.StringArrayVar(&f.resources, "resource", []string{"*"}, "ARN of a resource"+often)
	set.StringArrayVar(&f.context, "context", nil, "condition key of the request, as KEY=VALUE or KEY=[VALUE,VALUE]; may be repeated")
	set.StringVar(&f.format, "format", "text", "text or json")
}

func policySimulateCommand() *cobra.Command {
	var f questionFlags
	cmd := &cobra.Command{
		Use:   "simulate --policy FILE… --action ACTION… [--resource ARN…]",
		Short: "Tell which requests a set of policies allows",
		Long: "Tell which requests a set of policies allows, and by which statement: each action is tried on\n" +
			"each resource. The exit code is 1 when one is denied, and 2 when a policy can't be used.\n\n" + questionHelp,
		Example: "  iamd policy simulate --policy reader.json --action s3:GetObject --action s3:PutObject \\\n" +
			"    --resource 'arn:aws:s3:::reports/a.csv' --context aws:SourceIp=203.0.113.7",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.simulate(cmd) },
	}
	f.bind(cmd.Flags(), "; may be repeated")
	return cmd
}

func (f *questionFlags) simulate(cmd *cobra.Command) error {
	q, err := f.question(cmd)
	if err != nil {
		return err
	}
	var all []*policy.Explanation
	denied := 0
	for _, action := range f.actions {
		for _, resource := range f.resources {
			e := q.explain(action, resource)
			if !e.Allowed {
				denied++
			}
			all = append(all, e)
		}
	}
	if f.format == "json" {
		err = writeDecisionsJSON(cmd.OutOrStdout(), all)
	} else {
		err = writeDecisions(cmd.OutOrStdout(), all)
	}
	if err == nil && denied > 0 {
		err = fmt.Errorf("%d of %s denied", denied, countOf(len(all), "request is", "requests are"))
	}
	return err
}

// question is everything about requests but the action and the resource.
type question struct {
	principal policy.Principal
	policies  policy.Policies
	context   policy.Context
	owner     string // "" for the resource's own account
	owned     bool   // aws:ResourceAccount was given
}

// question reads the flags and the files that they name.
func (f *questionFlags) question(cmd *cobra.Command) (*question, error) {
	if len(f.actions) == 0 {
		return nil, usagef("which action? Name it by --action")
	}
	for _, a := range f.actions {
		if service, name, ok := strings.Cut(a, ":"); !ok || service == "" || name == "" || strings.ContainsAny(a, "*? ") {
			return nil, usagef("--action %q is no action such as s3:GetObject", a)
		}
	}
	if f.format != "text" && f.format != "json" {
		return nil, usagef("--format %q is neither text nor json", f.format)
	}
	if f.resourceAccount != "" && !accountForm.MatchString(f.resourceAccount) {
		return nil, usagef("--resource-account %q must be twelve digits", f.resourceAccount)
	}
	if f.caller == "" && (f.resourcePolicy != "" || f.trust != "" || len(f.rcps) > 0) {
		return nil, usagef("who calls? Name it by --caller, since policies of resources ask for principals")
	}
	q := &question{owner: f.resourceAccount}
	if err := q.calledBy(f.caller, time.Now()); err != nil {
		return nil, err
	}
	if err := q.set(f.context); err != nil {
		return nil, err
	}
	return q, f.read(cmd, &q.policies)
}

// read reads the policies.
func (f *questionFlags) read(cmd *cobra.Command, p *policy.Policies) (err error) {
	attach := func(kind policy.Kind, names ...string) (list []policy.Attached) {
		for _, name := range names {
			text, e := readPolicy(cmd, name)
			if e != nil {
				err = cmp.Or(err, error(&usageError{e}))
				return nil
			}
			doc, fault := parsePolicy(text, kind)
			if fault != nil {
				err = cmp.Or(err, usagef("%s:%d:%d: can't be used as %s: %s", shown(name), fault.Line, fault.Column, kind, fault.Message))
				return nil
			}
			list = append(list, policy.Attached{ID: shown(name), Policy: policy.Compile(doc, policy.CompileOptions{})})
		}
		return list
	}
	one := func(name string) []string {
		if name == "" {
			return nil
		}
		return []string{name}
	}
	p.Identity = attach(policy.Identity, f.policies...)
	p.Boundary, p.HasBoundary = attach(policy.Boundary, one(f.boundary)...), f.boundary != ""
	p.Session, p.HasSession = attach(policy.Session, f.session...), len(f.session) > 0
	p.Resource = attach(policy.Resource, one(f.resourcePolicy)...)
	p.Trust, p.HasTrust = attach(policy.Trust, one(f.trust)...), f.trust != ""
	for _, name := range f.scps {
		p.SCPs = append(p.SCPs, attach(policy.SCP, name))
	}
	for _, name := range f.rcps {
		p.RCPs = append(p.RCPs, attach(policy.RCP, name))
	}
	return err
}

// explain asks for one action on one resource.
func (q *question) explain(action, resource string) *policy.Explanation {
	owner := q.owner
	if part := strings.SplitN(resource, ":", 6); owner == "" && len(part) == 6 && accountForm.MatchString(part[4]) {
		owner = part[4]
	}
	if known := cmp.Or(owner, q.principal.Account); known != "" && !q.owned {
		q.context.Set("aws:ResourceAccount", known)
	}
	caller := q.principal
	if caller.Account == "" { // nobody named: somebody of the resource's own account
		caller.Account = owner
	}
	return policy.Explain(&policy.Request{
		Principal: caller, Action: action, Resource: resource, ResourceAccount: owner, Context: &q.context,
	}, &q.policies)
}

// decider finds the statement that decided; nil if it was the want of one.
func decider(e *policy.Explanation) *policy.StatementExplanation {
	for i := range e.Types {
		for j := range e.Types[i].Statements {
			s := &e.Types[i].Statements[j]
			if s.Matched && s.Kind == e.Type && s.PolicyID == e.Policy && s.Index == e.Statement {
				return s
			}
		}
	}
	return nil
}

func decisionOf(e *policy.Explanation) policy.Result {
	switch {
	case e.Allowed:
		return policy.ResultAllowed
	case e.Explicit:
		return policy.ResultExplicit
	}
	return policy.ResultImplicit
}

// because tells by which statement it was decided, or what lacks one.
func because(e *policy.Explanation) string {
	switch s := decider(e); {
	case s != nil:
		return strings.TrimSpace(place(s) + " " + s.SID)
	case e.Allowed:
		return "the root user may do everything" // the only caller who needs no statement
	default:
		return "no " + e.Type.String() + " allows it"
	}
}

// place is where a statement stands.
func place(s *policy.StatementExplanation) string {
	if s.Index < 0 {
		return s.PolicyID
	}
	return fmt.Sprintf("%s:%d", s.PolicyID, s.Start.Line)
}

func writeDecisions(w io.Writer, all []*policy.Explanation) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ACTION\tRESOURCE\tDECISION\tBY")
	for _, e := range all {
		printf(t, "%s\t%s\t%s\t%s\n", e.Action, e.Resource, decisionOf(e), because(e))
	}
	return t.Flush()
}

// decided is a decision in JSON.
type decided struct {
	Action             string            `json:"action"`
	Resource           string            `json:"resource"`
	Decision           policy.Result     `json:"decision"`
	DecidedBy          policy.PolicyType `json:"decidedBy"`
	Policy             string            `json:"policy,omitempty"`
	Line               int               `json:"line,omitempty"`
	Statement          int               `json:"statement"` // its index, -1 for none
	SID                string            `json:"sid,omitempty"`
	Reason             string            `json:"reason,omitempty"`
	MissingContextKeys []string          `json:"missingContextKeys"`
}

func writeDecisionsJSON(w io.Writer, all []*policy.Explanation) error {
	out := make([]decided, len(all))
	for i, e := range all {
		out[i] = decided{
			Action: e.Action, Resource: e.Resource, Decision: decisionOf(e), DecidedBy: e.Type,
			Policy: e.Policy, Statement: e.Statement, Reason: e.Reason, MissingContextKeys: e.MissingContextKeys,
		}
		if s := decider(e); s != nil {
			out[i].Line, out[i].SID = s.Start.Line, s.SID
		}
	}
	return printJSON(w, out)
}
