package server

import (
	"fmt"
	"slices"

	"iamd/mock"
)

// documented lets OpenAPI documents answer for the APIs that have some, in the
// place of upstreams.
func (s *Server) documented() error {
	if len(s.cfg.Documents) == 0 {
		return nil
	}
	apis := slices.Clone(s.cfg.Gateway.APIs)
	for i, paths := range s.cfg.Documents {
		if i < 0 || i >= len(apis) {
			return fmt.Errorf("there is no API %d to answer by %q", i, paths)
		}
		documents, err := mock.Load(paths...)
		if err == nil {
			apis[i].Backend, err = s.answersBy(documents)
		}
		if err != nil {
			return fmt.Errorf("gateway: api %q: openapi: %w", apis[i].ID, err)
		}
	}
	s.cfg.Gateway.APIs = apis
	return nil
}
