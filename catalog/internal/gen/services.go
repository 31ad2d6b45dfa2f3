package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"iamd/catalog/internal/layout"
)

// accessLevels turns the package's words into those of the Service
// Authorization Reference, where an action has one level.
var accessLevels = map[string]string{
	"List":                          "List",
	"Read":                          "Read",
	"Write":                         "Write",
	"Permissions management, Write": "Permissions management",
	"Tagging, Write":                "Tagging",
}

// service is a service as read, ready to be packed.
type service struct {
	prefix, name string
	rcp          bool
	layout.Service
}

// readServices returns all services ordered by prefix.
func readServices(dir string) ([]service, error) {
	var prefixes, rcp []string
	if err := readJSON(filepath.Join(dir, "data", "services.json"), &prefixes); err != nil {
		return nil, err
	}
	if err := readJSON(filepath.Join(dir, "data", "rcpSupportedServices.json"), &rcp); err != nil {
		return nil, err
	}
	var names map[string]string
	if err := readJSON(filepath.Join(dir, "data", "serviceNames.json"), &names); err != nil {
		return nil, err
	}
	for _, prefix := range rcp {
		if !slices.Contains(prefixes, prefix) {
			return nil, fmt.Errorf("resource control policies apply to %q, which is no service", prefix)
		}
	}
	slices.Sort(prefixes)
	var out []service
	for _, prefix := range prefixes {
		if prefix != layout.Fold(prefix) || names[prefix] == "" {
			return nil, fmt.Errorf("service %q: name %q", prefix, names[prefix])
		}
		part, err := readService(dir, prefix)
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", prefix, err)
		}
		out = append(out, service{prefix, names[prefix], slices.Contains(rcp, prefix), part})
	}
	return out, nil
}

func readService(dir, prefix string) (layout.Service, error) {
	var actions map[string]struct {
		Name             string
		Description      string
		AccessLevel      string
		ConditionKeys    []string
		DependentActions []string
		ResourceTypes    []struct {
			Name             string
			Required         bool
			ConditionKeys    []string
			DependentActions []string
		}
	}
	var resources map[string]struct {
		Key           string
		ARN           string
		ConditionKeys []string
	}
	var keys map[string]struct{ Key, Type string }
	for kind, v := range map[string]any{"actions": &actions, "resourceTypes": &resources, "conditionKeys": &keys} {
		if err := readJSON(filepath.Join(dir, "data", kind, prefix+".json"), v); err != nil {
			return layout.Service{}, err
		}
	}

	out := layout.Service{Lists: [][]int{}, Keys: []layout.Key{}, Resources: []layout.Resource{}, Actions: []layout.Action{}}
	keyAt := map[string]int{}
	for _, folded := range slices.Sorted(maps.Keys(keys)) {
		k := keys[folded]
		if layout.Fold(k.Key) != folded || k.Type == "" {
			return out, fmt.Errorf("condition key %q: %+v", folded, k)
		}
		keyAt[folded] = len(out.Keys)
		out.Keys = append(out.Keys, layout.Key{Name: k.Key, Type: k.Type})
	}
	listAt := map[string]int{}
	list := func(names []string) (int, error) {
		places := []int{}
		for _, n := range names {
			at, ok := keyAt[layout.Fold(n)]
			if !ok {
				return 0, fmt.Errorf("condition key %q is not among the service's", n)
			}
			places = append(places, at)
		}
		slices.Sort(places)
		places = slices.Compact(places)
		id := fmt.Sprint(places)
		if _, ok := listAt[id]; !ok {
			listAt[id] = len(out.Lists)
			out.Lists = append(out.Lists, places)
		}
		return listAt[id], nil
	}

	resourceAt := map[string]int{}
	for _, folded := range slices.Sorted(maps.Keys(resources)) {
		r := resources[folded]
		if layout.Fold(r.Key) != folded || r.ARN == "" {
			return out, fmt.Errorf("resource type %q: %+v", folded, r)
		}
		keys, err := list(r.ConditionKeys)
		if err != nil {
			return out, fmt.Errorf("resource type %s: %w", r.Key, err)
		}
		resourceAt[folded] = len(out.Resources)
		out.Resources = append(out.Resources, layout.Resource{Name: r.Key, ARN: r.ARN, Keys: keys})
	}
	for _, folded := range slices.Sorted(maps.Keys(actions)) {
		a := actions[folded]
		level, ok := accessLevels[a.AccessLevel]
		if layout.Fold(a.Name) != folded || !ok || len(a.DependentActions) > 0 {
			return out, fmt.Errorf("action %q: %+v", folded, a)
		}
		keys, err := list(a.ConditionKeys)
		if err != nil {
			return out, fmt.Errorf("action %s: %w", a.Name, err)
		}
		action := layout.Action{Name: a.Name, Level: level, Description: a.Description, Keys: keys}
		for _, r := range a.ResourceTypes {
			at, ok := resourceAt[layout.Fold(r.Name)]
			if !ok || len(r.DependentActions) > 0 {
				return out, fmt.Errorf("action %s: resource type %+v", a.Name, r)
			}
			keys, err := list(r.ConditionKeys)
			if err != nil {
				return out, fmt.Errorf("action %s on %s: %w", a.Name, r.Name, err)
			}
			action.Resources = append(action.Resources, layout.ActionResource{Type: at, Required: r.Required, Keys: keys})
		}
		out.Actions = append(out.Actions, action)
	}
	return out, nil
}

// packServices returns a member for each service and enters these in the index.
func packServices(services []service, index *layout.Index) ([]byte, error) {
	var file []byte
	for _, s := range services {
		member, err := layout.Pack(s.Service)
		if err != nil {
			return nil, err
		}
		index.Services = append(index.Services, layout.ServiceSpan{
			Prefix: s.prefix,
			Name:   s.name,
			RCP:    s.rcp,
			Span:   layout.Span{Offset: len(file), Length: len(member)},
		})
		file = append(file, member...)
	}
	return file, nil
}
