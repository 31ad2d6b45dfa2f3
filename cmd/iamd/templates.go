package main

import (
	"os"
	"time"

	"iamd/iam"
	"iamd/server"
)

// delegation reads the templates of roles and delegation requests, and where the
// requestors hear of theirs.
func (c *config) delegation(out *server.Config) error {
	if c.TemplatesFile != "" {
		text, err := os.ReadFile(c.TemplatesFile)
		if err != nil {
			return usagef("templates_file: %w", err)
		}
		if out.Templates, err = iam.ReadTemplates(text); err != nil {
			return usagef("templates_file: %s: %w", c.TemplatesFile, err)
		}
	}
	if len(c.Topics) > 0 {
		topics, err := server.NewTopics(c.Topics, time.Now)
		if err != nil {
			return usagef("topics: %w", err)
		}
		out.Topics = topics
	}
	return nil
}
