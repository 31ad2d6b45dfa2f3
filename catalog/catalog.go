package catalog

import (
	_ "embed" // for the data files
	"sync"

	"iamd/catalog/internal/layout"
)

// The data, as strings so that nothing can write to them. The linker keeps
// them in the read-only part of the program, paged in where touched.
var (
	//go:embed data/index.json.gz
	indexFile string
	//go:embed data/services.json.gz
	servicesFile string
	//go:embed data/policies.json.gz
	policiesFile string
	//go:embed data/conditionkeys.json.gz
	conditionKeysFile string
	//go:embed data/SOURCES
	sourcesFile string
)

// index is the one table of contents, read on first use.
var index = sync.OnceValue(func() contents {
	c, _ := readContents(indexFile, servicesFile, policiesFile) // unreadable: nothing is known
	return c
})

// contents says where each part is. The parts inflate themselves.
type contents struct {
	services []*ServiceInfo // ordered by folded prefix
	blocks   []*block       // ordered by first name
}

func readContents(index, services, policies string) (contents, error) {
	var x layout.Index
	if err := layout.Unpack(index, &x); err != nil {
		return contents{}, err
	}
	c := contents{
		services: make([]*ServiceInfo, len(x.Services)),
		blocks:   make([]*block, len(x.Policies)),
	}
	for i, s := range x.Services {
		member, err := s.Cut(services)
		if err != nil {
			return contents{}, err
		}
		c.services[i] = &ServiceInfo{Prefix: s.Prefix, Name: s.Name, ResourceControlPolicies: s.RCP, member: member}
	}
	for i, b := range x.Policies {
		member, err := b.Cut(policies)
		if err != nil {
			return contents{}, err
		}
		c.blocks[i] = &block{first: b.First, member: member}
	}
	return c, nil
}
