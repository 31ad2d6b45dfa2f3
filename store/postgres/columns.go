package postgres

import (
	"iamd/store"
)

// What a transaction writes goes to the database by columns, many rows in one
// statement of one text, as long as that is not too large.

// rowChunks collects rows of aggregates.
type rowChunks struct {
	put, drop struct {
		aggregates, kinds, keys []string
		schemas                 []int64
		data                    [][]byte
	}
	size int
}

// add returns the statements that are full. Of two rows with one name the last one
// counts.
func (c *rowChunks) add(aggregate string, rows []store.Row) (full []statement) {
	type name struct{ kind, key string }
	last := make(map[name]int, len(rows))
	for i := range rows {
		last[name{rows[i].Kind, rows[i].Key}] = i
	}
	for i := range rows {
		r := &rows[i]
		if last[name{r.Kind, r.Key}] != i {
			continue
		}
		to := &c.put
		if r.Data == nil {
			to = &c.drop
		} else {
			to.schemas, to.data = append(to.schemas, int64(r.Schema)), append(to.data, r.Data)
		}
		to.aggregates, to.kinds, to.keys = append(to.aggregates, aggregate), append(to.kinds, r.Kind), append(to.keys, r.Key)
		if c.size += len(aggregate) + len(r.Kind) + len(r.Key) + len(r.Data) + rowOverhead; c.size >= maxChunk {
			full = append(full, c.rest()...)
		}
	}
	return full
}

// rowOverhead is about what a row takes on the wire beside its own bytes.
const rowOverhead = 32

// rest returns the statements for what was added and not returned yet.
func (c *rowChunks) rest() (list []statement) {
	if d := &c.drop; len(d.keys) > 0 {
		list = append(list, statement{size: c.size, args: []any{d.aggregates, d.kinds, d.keys},
			sql: `DELETE FROM rows WHERE (aggregate, kind, key) IN
				(SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS n(aggregate, kind, key))`})
	}
	if p := &c.put; len(p.keys) > 0 {
		list = append(list, statement{size: c.size, args: []any{p.aggregates, p.kinds, p.keys, p.schemas, p.data},
			sql: `INSERT INTO rows (aggregate, kind, key, schema, data)
				SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::bytea[]) AS n(aggregate, kind, key, schema, data)
				ON CONFLICT (aggregate, kind, key) DO UPDATE SET schema = excluded.schema, data = excluded.data`})
	}
	*c = rowChunks{}
	return list
}

// changeColumns collects the changes of a commit, one for each of its parts.
type changeColumns struct {
	aggregates      []string
	versions, times []int64
	data            [][]byte
	size            int
}

func (c *changeColumns) add(aggregate string, version uint64, at int64, data []byte) {
	c.aggregates, c.versions = append(c.aggregates, aggregate), append(c.versions, int64(version))
	c.times, c.data, c.size = append(c.times, at), append(c.data, data), c.size+len(data)
}

func (c *changeColumns) statement() statement {
	return statement{size: c.size, args: []any{c.aggregates, c.versions, c.times, c.data},
		sql: `INSERT INTO changes (aggregate, version, time, data)
			SELECT * FROM unnest($1::text[], $2::int8[], $3::int8[], $4::bytea[]) AS n(aggregate, version, time, data)`}
}

// eventChunks collects events of aggregates.
type eventChunks struct {
	aggregates, ids []string
	times           []int64
	data            [][]byte
	size            int
}

func (c *eventChunks) add(aggregate string, events []store.Event) (full []statement) {
	for _, e := range events {
		c.aggregates, c.ids = append(c.aggregates, aggregate), append(c.ids, e.ID)
		c.times, c.data = append(c.times, e.Time.UnixMicro()), append(c.data, present(e.Data))
		if c.size += len(aggregate) + len(e.ID) + len(e.Data) + rowOverhead; c.size >= maxChunk {
			full = append(full, c.rest()...)
		}
	}
	return full
}

func (c *eventChunks) rest() (list []statement) {
	if len(c.ids) > 0 {
		list = append(list, statement{size: c.size, args: []any{c.aggregates, c.times, c.ids, c.data},
			sql: `INSERT INTO events (aggregate, time, id, data)
				SELECT * FROM unnest($1::text[], $2::int8[], $3::text[], $4::bytea[]) AS n(aggregate, time, id, data)
				ON CONFLICT (aggregate, time, id) DO NOTHING`})
	}
	*c = eventChunks{}
	return list
}

// present makes data that is nil data of no bytes.
func present(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
