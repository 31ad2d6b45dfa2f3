package server

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"

	"iamd/guard"
	"iamd/sts"
	"iamd/workload"
)

// Workloads says which programs get a role's keys without keys of their own. Both
// doors are closed unless they are told whom to serve.
type Workloads struct {
	Container workload.Container // Listen empty: 127.0.0.1:4568; token files: DataDir/tasks/NAME.token
	Instance  workload.Instance  // Listen empty: 127.0.0.1:4569
}

// openTo makes the doors for workloads.
func (s *Server) openTo(w Workloads, gate *guard.Guard, tokens *sts.Service) (err error) {
	deps := workload.Deps{
		Guard: gate, STS: tokens, Account: s.accounts.View, Record: s.audit.Record, Observe: s.metrics.workload,
		Now: s.cfg.Now, Rand: s.cfg.Rand, Log: s.cfg.Log,
	}
	if cfg := w.Container; len(cfg.Tasks) > 0 && !s.cfg.Existing {
		cfg.Tasks = slices.Clone(cfg.Tasks)
		for i, t := range cfg.Tasks {
			if t.TokenFile == "" {
				cfg.Tasks[i].TokenFile = filepath.Join(s.cfg.DataDir, "tasks", filepath.Base(t.Name)+".token")
			}
		}
		if s.containers, err = workload.NewContainers(cfg, deps); err != nil {
			return err
		}
	}
	switch cfg := w.Instance; {
	case cfg.Profile != "":
		s.metadata, err = workload.NewMetadata(cfg, deps)
	case cfg != workload.Instance{Listen: cfg.Listen}:
		err = fmt.Errorf("workloads.instance: without an instance_profile there is no instance")
	}
	return err
}

// listenTo opens the doors for workloads.
func (s *Server) listenTo(w Workloads, at *Addresses) (doors []*door, err error) {
	if s.containers != nil {
		d, err := s.open("tcp", w.Container.Listen, s.attended(s.throttle.limited(s.containers)), readTimeout)
		if err != nil {
			return doors, fmt.Errorf("listen for containers (workloads.container.listen): %w", err)
		}
		doors, at.Containers = append(doors, d), d.listener.Addr()
		s.warnOfStrangers("workloads.container.listen", at.Containers)
	}
	if s.metadata != nil {
		l, err := listenNear(w.Instance.Listen, max(w.Instance.HopLimit, 1))
		if err != nil {
			return doors, fmt.Errorf("listen for instance metadata (workloads.instance.listen): %w", err)
		}
		doors, at.Metadata = append(doors, s.behind(l, s.attended(s.throttle.limited(s.metadata)), readTimeout)), l.Addr()
		s.warnOfStrangers("workloads.instance.listen", at.Metadata)
	}
	return doors, nil
}

// warnOfStrangers says so when more than this machine reaches a door that gives out
// keys.
func (s *Server) warnOfStrangers(key string, at net.Addr) {
	tcp, ok := at.(*net.TCPAddr)
	if ok && (tcp.IP.IsLoopback() || tcp.IP.IsLinkLocalUnicast()) {
		return
	}
	s.cfg.Log.Warn("other machines may reach a door that gives out keys", "key", key, "address", at.String())
}
