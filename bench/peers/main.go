//go:build unix

// Command peers pushes the same records into Plumbline and into PocketBase, a
// ready-made server on SQLite with a batch API, in one run on one machine, and
// prints one table.
//
//	cd bench/peers && go run .
//
// Both are processes of their own on loopback with their databases in temporary
// folders; they are ended when the run is over. It is a module of its own so
// that what PocketBase needs stays out of the product.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

const (
	batch   = 500
	clients = 8
	rounds  = 3
	// limit bounds the whole run.
	limit = 10 * time.Minute
)

func main() {
	serve := flag.String("serve-pocketbase", "", "address: run as PocketBase, used by the program itself")
	data := flag.String("data", "", "data folder of -serve-pocketbase")
	records := flag.Int("records", 100_000, "records of each measurement, on both sides; a multiple of 500")
	flag.Parse()
	if *records < batch || *records%batch != 0 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	var err error
	if *serve != "" {
		err = servePocketBase(*serve, *data)
	} else {
		err = run(*records)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(records int) error {
	// A reader of the table that goes away is a signal, too: the servers must
	// not outlive this process.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	dir, err := os.MkdirTemp("", "plumbline-peers")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "plumbline")
	if err := buildPlumbline(ctx, binary); err != nil {
		return err
	}
	all := []*measurement{{what: "new"}, {what: "changed", salt: 1}}
	for n := range rounds {
		if err := round(ctx, binary, records, n, all); err != nil {
			return err
		}
	}
	fmt.Printf("%s/%s, %d cores, %s, %s\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), time.Now().Format(time.DateOnly))
	fmt.Printf("The same %d records of %d bytes for each, in batches of %d, %d clients, new databases in each of %d rounds\n\n", records, len(record(1, 0)), batch, clients, rounds)
	fmt.Print("| records | Plumbline | PocketBase batch API | ratio |\n|---|---:|---:|---:|\n")
	for _, m := range all {
		fmt.Printf("| %s | %.0f/s | %.0f/s | %.1f (%.1f..%.1f) |\n", m.what, median(m.rates[0]), median(m.rates[1]), median(m.ratios), slices.Min(m.ratios), slices.Max(m.ratios))
	}
	return nil
}

// measurement is one kind of push: its rates for Plumbline and PocketBase, and
// their ratio, in each round.
type measurement struct {
	what   string
	salt   int
	rates  [2][]float64
	ratios []float64
}

// round measures both peers, each on a new database; now the one goes first and
// now the other.
func round(ctx context.Context, binary string, records, n int, all []*measurement) (err error) {
	ours, err := startPlumbline(ctx, binary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ours.stop()) }()
	theirs, err := startPocketBase(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, theirs.stop()) }()
	peers := [2]*peer{ours, theirs}
	for _, m := range all {
		var rates [2]float64
		for i := range peers {
			i = (i + n) % len(peers)
			if rates[i], err = peers[i].push(ctx, records, m.salt); err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "round %d, %s: %s %.0f/s\n", n+1, m.what, peers[i].name, rates[i])
			m.rates[i] = append(m.rates[i], rates[i])
		}
		m.ratios = append(m.ratios, rates[0]/rates[1])
	}
	return nil
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// id is a record's, of 15 characters, as PocketBase wants it.
func id(n int) string { return fmt.Sprintf("r%014d", n) }

// note makes a record differ from another one with the same id.
func note(n, salt int) string { return fmt.Sprintf("%050d", n+salt) }

// record has 250 bytes, or 251, and is the same for both; another salt is
// another record with the same id.
func record(n, salt int) []byte {
	return fmt.Appendf(nil, `{"id":%q,"name":"User %07d","email":"user%07d@example.com","mfa":%t,"age":%d,"lastSeen":"2026-01-01T00:00:00Z","department":"engineering","groups":["staff","on-call"],"note":%q}`,
		id(n), n, n, n%50 != 0, 10+n%90, note(n, salt))
}

// bodyOf is a request of records first to first+batch-1, each between two
// texts and all between two others.
func bodyOf(first, salt int, before, prefix, suffix, after string) []byte {
	var b bytes.Buffer
	b.WriteString(before)
	for i := range batch {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(prefix)
		b.Write(record(first+i, salt))
		b.WriteString(suffix)
	}
	b.WriteString(after)
	return b.Bytes()
}
