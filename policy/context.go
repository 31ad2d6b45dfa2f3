package policy

// Context holds the condition keys of one request. Keys are the same if FoldKey says so, tag suffixes too. The zero Context is
// empty and ready; Reset empties one for the next request and keeps its memory. A Context is not safe for concurrent
// writes.
type Context struct {
	entries []contextEntry
	values  []string
}

// contextEntry is one key; its values are values[from:to] of the Context.
type contextEntry struct {
	key      string // folded
	from, to int
	multi    bool
}

// Set gives a single-valued key its value, in place of what it had.
func (c *Context) Set(key, value string) {
	c.put(key, false)
	c.values = append(c.values, value)
	c.entries[len(c.entries)-1].to++
}

// SetList gives a multivalued key its values, in place of what it had. A multivalued key is one whatever the number of
// its values; with none it counts as absent.
func (c *Context) SetList(key string, values ...string) {
	c.put(key, true)
	c.values = append(c.values, values...)
	c.entries[len(c.entries)-1].to += len(values)
}

func (c *Context) put(key string, multi bool) {
	key = FoldKey(key)
	c.remove(key)
	c.entries = append(c.entries, contextEntry{key, len(c.values), len(c.values), multi})
}

// Delete takes a key away.
func (c *Context) Delete(key string) { c.remove(FoldKey(key)) }

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
	out := make([]string, len(c.entries))
	for i := range c.entries {
		out[i] = c.entries[i].key
	}
	return out
}

// Reset takes every key away and keeps the memory. What Get returned before is no longer valid.
func (c *Context) Reset() {
	clear(c.entries)
	clear(c.values)
	c.entries, c.values = c.entries[:0], c.values[:0]
}
