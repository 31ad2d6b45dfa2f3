package gateway

import "context"

// arrive refuses who asks too often, whatever they ask for.
func (g *Gateway) arrive(c *call) error {
	if g.deps.Arrive == nil {
		return nil
	}
	if err := g.deps.Arrive(c.origin); err != nil {
		return unverified(err)
	}
	return nil
}

// span begins a part of a call, for who follows it.
func (g *Gateway) span(ctx context.Context, name string) (context.Context, func(error)) {
	if g.deps.Span == nil {
		return ctx, unfollowed
	}
	return g.deps.Span(ctx, name)
}

func unfollowed(error) {}
