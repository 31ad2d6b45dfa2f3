package api

import (
	"encoding/base64"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"iamd/iam"
)

// pageSize is how many items a page holds when MaxItems is not given.
const pageSize = 100

// pageWeight is how many bytes of documents a page may hold before it ends, as
// AWS's pages do with fewer items than were asked for. Documents are long, and an
// answer is made in memory.
const pageWeight = 1 << 20

// page takes one page of an ordered walk that begins after a key. keep may be
// nil. The marker is the last key given, so pages stay right while entries come
// and go. https://docs.aws.amazon.com/IAM/latest/APIReference/ (Marker,
// MaxItems, IsTruncated of every List action)
func page[V, T any](marker *string, maxItems *int32, walk func(after string) iter.Seq2[string, V], keep func(V) bool, show func(V) T) (items []T, truncated bool, next *string, err error) {
	return pageOfWeight(marker, maxItems, walk, keep, show, func(T) int { return 0 })
}

// pageOfWeight is page, of items with documents of so many bytes.
func pageOfWeight[V, T any](marker *string, maxItems *int32, walk func(after string) iter.Seq2[string, V], keep func(V) bool, show func(V) T, weigh func(T) int) (items []T, truncated bool, next *string, err error) {
	after, err := readMarker(marker)
	if err != nil {
		return nil, false, nil, err
	}
	limit := pageSize
	if maxItems != nil {
		limit = int(*maxItems)
	}
	items = make([]T, 0, min(limit, pageSize))
	weight := 0
	for key, v := range walk(after) {
		if keep != nil && !keep(v) {
			continue
		}
		if len(items) == limit || weight >= pageWeight {
			return items, true, aws.String(writeMarker(after)), nil
		}
		item := show(v)
		items, after, weight = append(items, item), key, weight+weigh(item)
	}
	return items, false, nil, nil
}

// pageSlice pages over a short list, in the order of its keys.
func pageSlice[V, T any](marker *string, maxItems *int32, list []V, key func(V) string, show func(V) T) (items []T, truncated bool, next *string, err error) {
	sorted := slices.SortedFunc(slices.Values(list), func(a, b V) int { return strings.Compare(key(a), key(b)) })
	return page(marker, maxItems, func(after string) iter.Seq2[string, V] {
		return func(yield func(string, V) bool) {
			for _, v := range sorted {
				if k := key(v); (after == "" || k > after) && !yield(k, v) {
					return
				}
			}
		}
	}, nil, show)
}

const markerForm = "\x01" // the first byte of what a marker encodes

func writeMarker(key string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(markerForm + key))
}

func readMarker(marker *string) (string, error) {
	if marker == nil {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(*marker)
	if err != nil || len(b) == 0 || string(b[:1]) != markerForm {
		return "", iam.Errorf(iam.CodeValidation, "Invalid Marker.")
	}
	return string(b[1:]), nil
}
