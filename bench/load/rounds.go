//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// figures are those of one round.
type figures struct {
	newOne, newEight, unchanged, changedOne, changedEight, random result
	bareNew, bareChanged, bareRandom                              float64
}

// place is where a round pushes.
type place struct {
	*server
	first, second resource
	close         func() error
}

// site is a product to measure.
type site struct {
	// name heads the rows of the table.
	name string
	// open gives two resources without records, where they can be on a new
	// database.
	open func(ctx context.Context) (*place, error)
	// bare is whether there is a bare loop on the same database.
	bare bool
	// scan reads the records of a resource in the barest way; driver names it.
	scan   func(s *server, of resource) scan
	driver string
}

// changed is the salt of the records that replace others.
const changed = 1

// rounds measures pushes beside the bare loop. All that is compared writes the
// same records into the same state, and each takes each place in the order, so
// that a slow minute of the machine hits all alike.
func rounds(ctx context.Context, r *report, p plan, at site) error {
	var all []figures
	for n := range p.rounds {
		var f figures
		var steps []func() error
		if at.bare {
			steps = append(steps, func() error { return bareRound(ctx, p, &f) })
		}
		steps = append(steps,
			func() error { return at.oneClient(ctx, p, &f) },
			func() error { return at.eightClients(ctx, p, &f) })
		for i := range steps {
			if err := steps[(n+i)%len(steps)](); err != nil {
				return err
			}
		}
		all = append(all, f)
	}
	at.report(r, all)
	return nil
}

func (at site) report(r *report, all []figures) {
	for _, l := range []struct {
		what string
		got  func(f figures) result
		bare func(f figures) float64
	}{
		{"new records, 1 client", func(f figures) result { return f.newOne }, func(f figures) float64 { return f.bareNew }},
		{fmt.Sprintf("new records, %d clients", clients), func(f figures) result { return f.newEight }, func(f figures) float64 { return f.bareNew }},
		{fmt.Sprintf("new records, %d clients, random keys", clients), func(f figures) result { return f.random }, func(f figures) float64 { return f.bareRandom }},
		{"changed records, 1 client", func(f figures) result { return f.changedOne }, func(f figures) float64 { return f.bareChanged }},
		{fmt.Sprintf("changed records, %d clients", clients), func(f figures) result { return f.changedEight }, func(f figures) float64 { return f.bareChanged }},
		{fmt.Sprintf("unchanged records, %d clients", clients), func(f figures) result { return f.unchanged }, nil},
	} {
		var rates, limits, ratios []float64
		var p50s, p99s []time.Duration
		for _, f := range all {
			got := l.got(f)
			p50, p99 := quantiles(got.spans)
			rates, p50s, p99s = append(rates, got.perSecond()), append(p50s, p50), append(p99s, p99)
			if at.bare && l.bare != nil {
				limit := l.bare(f)
				limits, ratios = append(limits, limit), append(ratios, got.perSecond()/limit)
			}
		}
		against, ratio := "", ""
		if len(limits) > 0 {
			against, ratio = "bare loop "+rate(median(limits)), spread(ratios)
		}
		r.add(at.name+": "+l.what, fmt.Sprintf("%s, p50 %s, p99 %s", rate(median(rates)), brief(median(p50s)), brief(median(p99s))), against, ratio)
	}
}

func bareRound(ctx context.Context, p plan, f *figures) (err error) {
	b, err := openBare(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	first, err := b.resource(1)
	if err != nil {
		return err
	}
	if f.bareNew, err = first.insert(sequential(0, p.part())); err != nil {
		return err
	}
	if f.bareChanged, err = first.update(sequential(0, p.part()), changed); err != nil {
		return err
	}
	second, err := b.resource(2)
	if err != nil {
		return err
	}
	f.bareRandom, err = second.insert(random(p.part()))
	return err
}

func (at site) oneClient(ctx context.Context, p plan, f *figures) (err error) {
	to, err := at.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	if f.newOne, err = to.push(ctx, to.first.path, 1, bodies(sequential(0, p.part()), 0), created); err != nil {
		return err
	}
	f.changedOne, err = to.push(ctx, to.first.path, 1, bodies(sequential(0, p.part()), changed), updated)
	return err
}

func (at site) eightClients(ctx context.Context, p plan, f *figures) (err error) {
	to, err := at.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	bodiesNew := bodies(sequential(0, p.part()), 0)
	if f.newEight, err = to.push(ctx, to.first.path, clients, bodiesNew, created); err != nil {
		return err
	}
	if f.unchanged, err = to.push(ctx, to.first.path, clients, bodiesNew, unchanged); err != nil {
		return err
	}
	if f.changedEight, err = to.push(ctx, to.first.path, clients, bodies(sequential(0, p.part()), changed), updated); err != nil {
		return err
	}
	f.random, err = to.push(ctx, to.second.path, clients, bodies(random(p.part()), 0), created)
	return err
}
