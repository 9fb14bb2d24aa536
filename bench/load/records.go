//go:build unix

package main

import (
	"bytes"
	"fmt"
	"iter"
	"math/rand/v2"
)

// batch is how many records a request carries, and a commit of the bare loop.
const batch = 500

// smallSize is the length of a small record in bytes.
const smallSize = 250

// small is a record of smallSize bytes; another n is another record under the
// same key.
func small(key string, n int) []byte {
	b := fmt.Appendf(make([]byte, 0, smallSize), `{"id":%q,"name":"User %07d","email":"user%07d@example.com","mfa":%t,"age":%d,"lastSeen":"2026-01-01T00:00:00Z","department":"engineering","groups":["staff","on-call"],"note":"`,
		key, n, n, n%50 != 0, n%90)
	return fmt.Appendf(b, `%0*d"}`, smallSize-len(b)-2, n)
}

// medium is a record of about 1.3 KB with nested objects and arrays.
func medium(key string, n int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"id":%q,"name":"Instance %07d","region":"eu-west-1","account":{"id":"1234","name":"production","owner":{"email":"owner%d@example.com","team":"platform"}},"disks":[`, key, n, n)
	for i := range 5 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"disk-%d","sizeGb":%d,"encrypted":%t,"tags":{"backup":"daily","tier":"gold","purpose":"data volume of the database"}}`, i, 100*i, i != 3)
	}
	b.WriteString(`],"ports":[22,80,443],"tags":[`)
	for i := range 10 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"key":"label-%d","value":"some value %d"}`, i, i)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

// keys are the records of a measurement: a number and a key each.
type keys = iter.Seq2[int, string]

// sequential are records records from number first on, with keys in order.
func sequential(first, records int) keys {
	return func(yield func(int, string) bool) {
		for n := first; n < first+records; n++ {
			if !yield(n, fmt.Sprintf("k-%09d", n)) {
				return
			}
		}
	}
}

// random are records with keys in no order, the same ones in every call.
func random(records int) keys {
	return func(yield func(int, string) bool) {
		from := rand.New(rand.NewPCG(1, 2))
		for n := range records {
			if !yield(n, fmt.Sprintf("%016x", from.Uint64())) {
				return
			}
		}
	}
}

// bodies are the pushes of a whole number of batches; another salt is other
// records under the same keys.
func bodies(of keys, salt int) [][]byte {
	var out [][]byte
	var b *bytes.Buffer
	in := 0
	for n, key := range of {
		if in == 0 {
			b = bytes.NewBuffer(make([]byte, 0, batch*(smallSize+1)+16))
			b.WriteString(`{"data":[`)
		} else {
			b.WriteByte(',')
		}
		b.Write(small(key, n+salt))
		if in++; in == batch {
			b.WriteString(`]}`)
			out, in = append(out, b.Bytes()), 0
		}
	}
	return out
}
