package store

import (
	"iter"
	"slices"
	"strconv"
	"strings"
)

// few is how many ids one statement takes.
const few = 256

// chunks cuts a list into parts that fit a statement. A part is the size of a power of
// two, so that few different statements are prepared.
func chunks(ids []int64) iter.Seq[[]int64] {
	return func(yield func([]int64) bool) {
		for len(ids) > 0 {
			n := few
			for n > len(ids) {
				n /= 2
			}
			if !yield(ids[:n]) {
				return
			}
			ids = ids[n:]
		}
	}
}

// marks are n question marks for a statement.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

func anys(ids []int64) []any {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	return list
}

// unique sorts ids and drops those that are there twice.
func unique(ids []int64) []int64 {
	sorted := slices.Clone(ids)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
