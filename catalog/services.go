package catalog

import (
	"fmt"
	"iter"
	"slices"
	"sync"

	"iamd/catalog/internal/layout"
)

// ServiceInfo is an AWS service as policies know it. The fields come from the
// index; the methods inflate the service's own part on first use.
type ServiceInfo struct {
	Prefix string // as before the colon in an action: "iam"
	Name   string // "AWS Identity and Access Management (IAM)"
	// ResourceControlPolicies says whether these apply to the service.
	ResourceControlPolicies bool

	member string
	once   sync.Once
	part   service
}

// ActionInfo is one action of a service.
type ActionInfo struct {
	Name        string // without the service's prefix: "CreateUser"
	AccessLevel string // "List", "Read", "Write", "Permissions management" or "Tagging"
	Description string
	// ResourceTypes are those that a statement can name for the action. When
	// empty, only the resource "*" matches it. A type may come twice, with
	// different condition keys.
	ResourceTypes []ActionResourceType
	ConditionKeys []string // the keys that the action itself has, templates included
}

// ActionResourceType is a resource type as one action uses it.
type ActionResourceType struct {
	Name          string
	Required      bool
	ConditionKeys []string // the keys this type has for this action, beyond the action's own
}

// ResourceTypeInfo is a kind of resource that a service has.
type ResourceTypeInfo struct {
	Name          string
	ARN           string // its format: "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}"
	ConditionKeys []string
}

// Service returns the service with this prefix, in whatever case.
func Service(prefix string) (*ServiceInfo, bool) {
	return index().service(prefix)
}

// Services yields all services ordered by prefix.
func Services() iter.Seq[*ServiceInfo] {
	return func(yield func(*ServiceInfo) bool) {
		for _, s := range index().services {
			if !yield(s) {
				return
			}
		}
	}
}

func (c contents) service(prefix string) (*ServiceInfo, bool) {
	i, ok := slices.BinarySearchFunc(c.services, prefix, func(s *ServiceInfo, prefix string) int {
		return layout.CompareFold(s.Prefix, prefix)
	})
	if !ok {
		return nil, false
	}
	return c.services[i], true
}

// Action returns the action with this name, in whatever case, without prefix.
func (s *ServiceInfo) Action(name string) (*ActionInfo, bool) {
	return find(s.load().actions, name, func(a *ActionInfo) string { return a.Name })
}

// Actions yields the service's actions ordered by name.
func (s *ServiceInfo) Actions() iter.Seq[*ActionInfo] {
	return func(yield func(*ActionInfo) bool) { each(s.load().actions, yield) }
}

// ResourceType returns the resource type with this name, in whatever case.
func (s *ServiceInfo) ResourceType(name string) (*ResourceTypeInfo, bool) {
	return find(s.load().resources, name, func(r *ResourceTypeInfo) string { return r.Name })
}

// ResourceTypes yields the service's resource types ordered by name.
func (s *ServiceInfo) ResourceTypes() iter.Seq[*ResourceTypeInfo] {
	return func(yield func(*ResourceTypeInfo) bool) { each(s.load().resources, yield) }
}

// ConditionKey returns the type of a condition key that the service lists,
// some of the global ones among them. The name is as listed, in whatever case
// ("aws:RequestTag/${TagKey}"); for a key as it stands in a policy use
// ConditionKeyType.
func (s *ServiceInfo) ConditionKey(name string) (string, bool) {
	k, ok := find(s.load().keys, name, func(k *layout.Key) string { return k.Name })
	if !ok {
		return "", false
	}
	return k.Type, true
}

// ConditionKeys yields name and type of the keys that ConditionKey knows,
// ordered by name.
func (s *ServiceInfo) ConditionKeys() iter.Seq2[string, string] {
	return func(yield func(name, kind string) bool) {
		for _, k := range s.load().keys {
			if !yield(k.Name, k.Type) {
				return
			}
		}
	}
}

func (s *ServiceInfo) load() *service {
	s.once.Do(func() { s.part, _ = readService(s.member) })
	return &s.part
}

// service is a service's part. All slices are ordered by folded name.
type service struct {
	keys      []layout.Key
	resources []ResourceTypeInfo
	actions   []ActionInfo
}

func readService(member string) (service, error) {
	var in layout.Service
	if err := layout.Unpack(member, &in); err != nil {
		return service{}, err
	}
	// Lists of names are shared by all that have the same.
	lists := make([][]string, len(in.Lists))
	for i, list := range in.Lists {
		names := make([]string, len(list))
		for j, k := range list {
			if k < 0 || k >= len(in.Keys) {
				return service{}, fmt.Errorf("no condition key %d", k)
			}
			names[j] = in.Keys[k].Name
		}
		lists[i] = names
	}
	valid := func(list int) bool { return 0 <= list && list < len(lists) }

	out := service{
		keys:      in.Keys,
		resources: make([]ResourceTypeInfo, len(in.Resources)),
		actions:   make([]ActionInfo, len(in.Actions)),
	}
	for i, r := range in.Resources {
		if !valid(r.Keys) {
			return service{}, fmt.Errorf("resource type %s: no list %d", r.Name, r.Keys)
		}
		out.resources[i] = ResourceTypeInfo{Name: r.Name, ARN: r.ARN, ConditionKeys: lists[r.Keys]}
	}
	for i, a := range in.Actions {
		if !valid(a.Keys) {
			return service{}, fmt.Errorf("action %s: no list %d", a.Name, a.Keys)
		}
		types := make([]ActionResourceType, len(a.Resources))
		for j, r := range a.Resources {
			if r.Type < 0 || r.Type >= len(in.Resources) || !valid(r.Keys) {
				return service{}, fmt.Errorf("action %s: no resource type %d or no list %d", a.Name, r.Type, r.Keys)
			}
			types[j] = ActionResourceType{
				Name:          in.Resources[r.Type].Name,
				Required:      r.Required,
				ConditionKeys: lists[r.Keys],
			}
		}
		out.actions[i] = ActionInfo{
			Name:          a.Name,
			AccessLevel:   a.Level,
			Description:   a.Description,
			ResourceTypes: types,
			ConditionKeys: lists[a.Keys],
		}
	}
	return out, nil
}

// find returns the element of s, ordered by folded name, that has this name.
func find[T any](s []T, name string, nameOf func(*T) string) (*T, bool) {
	lo, hi := 0, len(s)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		switch d := layout.CompareFold(nameOf(&s[mid]), name); {
		case d == 0:
			return &s[mid], true
		case d < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return nil, false
}

// each yields pointers to the elements of s.
func each[T any](s []T, yield func(*T) bool) {
	for i := range s {
		if !yield(&s[i]) {
			return
		}
	}
}
