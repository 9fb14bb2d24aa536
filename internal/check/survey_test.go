package check

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/rule"
)

// memory is a store of records in memory, id by place.
type memory struct {
	Store
	Reader
	bodies []string
}

func (m *memory) Look(_ context.Context, _ []int64, _ time.Time, readers int, fn func([]Reader) error) error {
	list := make([]Reader, readers)
	for i := range list {
		list[i] = m
	}
	return fn(list)
}

func (m *memory) Parts(resourceID int64, n int) (parts []Part, records int64, err error) {
	size := len(m.bodies)/n + 1
	for first := 0; first < len(m.bodies); first += size {
		parts = append(parts, Part{ResourceID: resourceID, First: int64(first), End: int64(min(first+size, len(m.bodies)))})
	}
	return parts, int64(len(m.bodies)), nil
}

func (m *memory) Scan(p Part, each func(id int64, body []byte) error) error {
	for id := p.First; id < p.End; id++ {
		if err := each(id, []byte(m.bodies[id])); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Sightings(_ int64, ids []int64) (map[int64]Sighting, error) {
	out := map[int64]Sighting{}
	for _, id := range ids {
		out[id] = Sighting{fmt.Sprint(id), []byte(m.bodies[id])}
	}
	return out, nil
}

// Several goroutines find the same as one look at all records in order.
func TestSurveyOfManyReaders(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 1))
	test, err := rule.ParseTest([]byte(`{"groups":[{"resourceId":1,"evaluator":{"all":[{"fact":"n","operator":"greaterThan","value":9}]},"assertion":{"kind":"unique","path":"v"}},
		{"resourceId":1,"evaluator":{"all":[{"fact":"n","operator":"lessThan","value":50}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		m := &memory{}
		values := map[int]int{}
		type record struct{ n, v int }
		records := make([]record, rnd.IntN(20_000))
		spread := 1 + rnd.IntN(30_000)
		for i := range records {
			records[i] = record{rnd.IntN(100), rnd.IntN(spread)}
			m.bodies = append(m.bodies, fmt.Sprintf(`{"n":%d,"v":%d}`, records[i].n, records[i].v))
			if records[i].n > 9 {
				values[records[i].v]++
			}
		}
		var want [2]Counts
		var failing [2][]int64
		for id, r := range records {
			for g, fails := range []bool{r.n <= 9 || values[r.v] > 1, r.n >= 50} {
				if fails {
					want[g].Failing++
					failing[g] = append(failing[g], int64(id))
				} else {
					want[g].Passing++
				}
			}
		}
		groups := make([]Group, 2)
		for i := range groups {
			groups[i] = Group{Rule: test.Groups[i], Resource: connection.Resource{ID: 1}}
		}
		s, err := newSurvey(m, groups, time.Time{}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		s.readers = 1 + rnd.IntN(4)
		if err := s.run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		for i := range groups {
			if s.groups[i].Counts != want[i] || !slices.Equal(s.failing[i], failing[i][:min(len(failing[i]), maxExamples)]) {
				t.Fatalf("seed %d, %d records, %d readers, group %d: %+v %v, want %+v %v", seed, len(records), s.readers, i,
					s.groups[i].Counts, s.failing[i], want[i], failing[i][:min(len(failing[i]), maxExamples)])
			}
		}
		if got := s.read.Load(); got != int64(len(records)) || s.of.Load() != got {
			t.Fatalf("seed %d: read %d of %d, want %d", seed, got, s.of.Load(), len(records))
		}
	}
}

func TestASurveyOutlivesAPanic(t *testing.T) {
	s, err := newSurvey(&memory{bodies: []string{"{}"}}, []Group{{Resource: connection.Resource{ID: 1}}}, time.Time{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.watch = func(int, int64, int64, int, []State) { panic("at a record") }
	if err := s.run(t.Context(), nil); err == nil {
		t.Fatal("a panic in a goroutine is no error")
	}
}

func TestSpread(t *testing.T) {
	for n := range 200 {
		parts := make([]Part, n)
		for i := range parts {
			parts[i].First = int64(i)
		}
		got := spread(slices.Clone(parts))
		if n > 4 && got[1].First < int64(n/4) {
			t.Errorf("%d parts: the second is at %d", n, got[1].First)
		}
		slices.SortFunc(got, func(a, b Part) int { return int(a.First - b.First) })
		if !slices.Equal(got, parts) {
			t.Fatalf("%d parts are not the same in another order: %v", n, got)
		}
	}
}
