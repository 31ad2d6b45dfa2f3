package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"iamd/store"
	"iamd/store/form"
)

// Events implements store.Backend.
func (s *Store) Events(ctx context.Context, aggregate string, q store.EventQuery) (list []store.Event, err error) {
	if q.Limit <= 0 {
		return nil, fmt.Errorf("%w: a list of %d", store.ErrInvalid, q.Limit)
	}
	if store.CheckEvents(aggregate, nil) != nil || !text(q.After.ID) {
		return nil, nil // there are none
	}
	from, to, id := form.Window(q)
	err = s.query(ctx, `SELECT time, id, data FROM events
		WHERE aggregate = $1 AND time >= $2 AND (time, id) < ($3, $4)
		ORDER BY time DESC, id DESC LIMIT $5`, func(r pgx.Rows) error {
		var e store.Event
		var at int64
		err := r.Scan(&at, &e.ID, &e.Data)
		e.Time = time.UnixMicro(at).UTC()
		list = append(list, e)
		return err
	}, aggregate, from, to, id, q.Limit)
	if err == nil {
		list, err = s.batched(ctx, aggregate, list, from, to, id, q.Limit)
	}
	if err != nil {
		return nil, fmt.Errorf("events of %s: %w", aggregate, err)
	}
	return list, nil
}

// batchesAtOnce is how many batches are fetched before it is known whether more
// are needed.
const batchesAtOnce = 8

// batched merges what batches hold into a page of events.
func (s *Store) batched(ctx context.Context, aggregate string, list []store.Event, from, to int64, id string, limit int) ([]store.Event, error) {
	newest, digest := int64(math.MaxInt64), bytes.Repeat([]byte{0xff}, sha256.Size+1)
	for {
		n, enough := 0, false
		err := s.query(ctx, `SELECT newest, digest, data FROM batches
			WHERE aggregate = $1 AND newest >= $2 AND oldest <= $3 AND (newest, digest) < ($4, $5)
			ORDER BY newest DESC, digest DESC LIMIT $6`, func(r pgx.Rows) error {
			var data []byte
			if err := r.Scan(&newest, &digest, &data); err != nil {
				return err
			}
			n++
			// This batch and those after it may be older than the page.
			if enough = enough || len(list) == limit && newest < list[limit-1].Time.UnixMicro(); enough {
				return nil
			}
			err := form.Unpack(data, func(e store.Event) {
				at := e.Time.UnixMicro()
				if at >= from && (at < to || at == to && e.ID < id) {
					list = append(list, e)
				}
			})
			slices.SortFunc(list, form.NewestFirst)
			list = slices.CompactFunc(list, func(a, b store.Event) bool { return form.NewestFirst(a, b) == 0 })
			list = list[:min(len(list), limit)]
			return err
		}, aggregate, from, to, newest, digest, batchesAtOnce)
		if err != nil || enough || n < batchesAtOnce {
			return list, err
		}
	}
}
