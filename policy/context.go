package policy

// Context holds the condition keys of one request. Keys are the same if FoldKey says so, tag suffixes too. The zero Context is
// empty and ready; Reset empties one for the next request and keeps its memory. A Context is not safe for concurrent
// writes, and while it waits for its Source not for concurrent reads either.
type Context struct {
	entries []contextEntry
	values  []string
	source  Source // not asked yet; nil when there is none
}

// Source knows the condition keys of a request.
type Source interface {
	// Fill sets them.
	Fill(*Context)
}

// From has the keys set by a source as soon as anyone wants one of them. Of most requests nobody does: few policies ask
// for any.
func (c *Context) From(s Source) { c.source = s }

// Filled sees to it that a source, if there is one, has set the keys, and is asked no more.
func (c *Context) Filled() {
	if s := c.source; s != nil {
		c.source = nil
		s.Fill(c)
	}
}

// contextEntry is one key; its values are values[from:to] of the Context.
type contextEntry struct {
	key      string // folded
	from, to int
	multi    bool
}

// Set gives a single-valued key its value, in place of what it had.
func (c *Context) Set(key, value string) { c.SetFolded(FoldKey(key), value) }

// SetFolded is Set for a key that is as FoldKey gives it. A key that is not would never be found.
func (c *Context) SetFolded(key, value string) {
	c.put(key, false, 1)
	c.values = append(c.values, value)
}

// SetList gives a multivalued key its values, in place of what it had. A multivalued key is one whatever the number of
// its values; with none it counts as absent.
func (c *Context) SetList(key string, values ...string) {
	c.put(FoldKey(key), true, len(values))
	c.values = append(c.values, values...)
}

// put makes an entry for values that are to be appended.
func (c *Context) put(key string, multi bool, values int) {
	c.Filled()
	c.remove(key)
	c.entries = append(c.entries, contextEntry{key, len(c.values), len(c.values) + values, multi})
}

// Delete takes a key away.
func (c *Context) Delete(key string) {
	c.Filled()
	c.remove(FoldKey(key))
}

func (c *Context) remove(key string) {
	for i := range c.entries {
		if c.entries[i].key == key {
			c.entries = append(c.entries[:i], c.entries[i+1:]...)
			return
		}
	}
}

// Get returns a key's values, whether it is multivalued, and whether the request has it. The slice is the Context's own.
func (c *Context) Get(key string) (values []string, multi, ok bool) {
	return c.get(FoldKey(key))
}

// get is Get for a key already folded. A list without values is no value.
func (c *Context) get(key string) (values []string, multi, ok bool) {
	if c == nil {
		return nil, false, false
	}
	c.Filled()
	for i := range c.entries {
		if e := &c.entries[i]; e.key == key {
			return c.values[e.from:e.to:e.to], e.multi, e.to > e.from
		}
	}
	return nil, false, false
}

// Keys lists the keys in the order they were set, folded.
func (c *Context) Keys() []string {
	if c == nil {
		return nil
	}
	c.Filled()
	out := make([]string, len(c.entries))
	for i := range c.entries {
		out[i] = c.entries[i].key
	}
	return out
}

// Reset takes every key and the source away and keeps the memory. What Get returned before is no longer valid.
func (c *Context) Reset() {
	clear(c.entries)
	clear(c.values)
	c.entries, c.values, c.source = c.entries[:0], c.values[:0], nil
}
