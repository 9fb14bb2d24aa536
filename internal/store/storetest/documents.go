package storetest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/upload"
)

// RunDocuments proves that documents keep their content, and that no content
// stays, or goes, with another one.
func RunDocuments(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*directory)
	}{
		{"contents", documentContents},
		{"at once", documentsAtOnce},
		{"how many", documentsBounded},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newDirectory(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

func pdfOf(text string) upload.File {
	return upload.File{Name: "a.pdf", Content: []byte("%PDF-1.4\n" + text)}
}

// equipped makes a person with a device, and one without.
func (d *directory) equipped() (device asset.Device, without int64) {
	d.t.Helper()
	d.put(`{"identityId":"1","email":"with@example.com"}`, `{"identityId":"2","email":"without@example.com"}`)
	d.sync()
	mdm := d.mdm()
	serial := "S1"
	device, err := d.people.ReportDevice(d.ctx, d.actor, mdm, asset.Report{Owner: asset.PersonRef{Email: "with@example.com"},
		Device: asset.Device{Platform: "LINUX", PlatformVersion: "6", SerialNumber: &serial}})
	d.must(err)
	return device, d.person("without@example.com").ID
}

// content downloads a document.
func (d *directory) content(doc asset.Document) []byte {
	d.t.Helper()
	read, err := d.people.Download(d.ctx, d.actor, doc)
	d.must(err)
	var b bytes.Buffer
	d.must(read(d.ctx, func(piece []byte) error {
		_, err := b.Write(piece)
		return err
	}))
	return b.Bytes()
}

// blobs counts the contents that are stored, by what a download of each id says.
func (d *directory) blobs(most int64) (n int) {
	d.t.Helper()
	for id := range most {
		piece, err := d.s.Piece(d.ctx, id+1, 0)
		d.must(err)
		if len(piece) > 0 {
			n++
		}
	}
	return n
}

func documentContents(d *directory) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	device, person := d.equipped()
	holders := []int64{device.ID, person}
	contents := make([]upload.File, 4)
	for i := range contents {
		text := make([]byte, []int{0, 1, 512<<10 - 9, 1 << 20}[i])
		for k := range text {
			text[k] = byte(r.IntN(256))
		}
		contents[i] = pdfOf(string(text))
	}
	type kept struct {
		asset.Document

		content int
	}
	var known []kept
	var last int64
	for range 60 {
		if len(known) > 0 && r.IntN(3) == 0 {
			i := r.IntN(len(known))
			d.must(d.people.DeleteDocument(d.ctx, d.actor, known[i].HolderID(), known[i].ID))
			known = slices.Delete(known, i, i+1)
		} else {
			i := r.IntN(len(contents))
			doc, err := d.people.AddDocument(d.ctx, d.actor, holders[r.IntN(2)], asset.DocumentTypes[r.IntN(5)], contents[i], "")
			d.must(err)
			known, last = append(known, kept{doc, i}), max(last, doc.BlobID)
		}
		stored := map[int]bool{}
		for _, k := range known {
			stored[k.content] = true
		}
		if n := d.blobs(last); n != len(stored) {
			d.t.Fatalf("seed %d: %d contents are stored, want %d", seed, n, len(stored))
		}
	}
	for _, holder := range holders {
		list, err := d.people.Documents(d.ctx, holder, "")
		d.must(err)
		for _, doc := range list {
			i := slices.IndexFunc(known, func(k kept) bool { return k.ID == doc.ID })
			if i < 0 || known[i].HolderID() != holder || !bytes.Equal(d.content(doc), contents[known[i].content].Content) {
				d.t.Fatalf("seed %d: document %d of %d is not as it was sent", seed, doc.ID, holder)
			}
			known = slices.Delete(known, i, i+1)
		}
	}
	if len(known) > 0 {
		d.t.Fatalf("seed %d: %d documents are in no list", seed, len(known))
	}
	d.must(d.people.DeleteDevice(d.ctx, d.actor, device.ConnectionID, device.ID))
	list, err := d.people.Documents(d.ctx, person, "")
	d.must(err)
	for _, doc := range list {
		d.must(d.people.DeleteDocument(d.ctx, d.actor, person, doc.ID))
	}
	equal(d.suite, "contents at the end", d.blobs(last), 0)
}

// Many add and delete the same content at the same time: what has a document has
// its content.
func documentsAtOnce(d *directory) {
	device, person := d.equipped()
	var wg sync.WaitGroup
	for i := range 8 {
		holder := []int64{device.ID, person}[i%2]
		wg.Go(func() {
			for range 6 {
				doc, err := d.people.AddDocument(d.ctx, d.actor, holder, asset.LockScreenEvidence, pdfOf("the same"), "")
				if err == nil {
					var read func(context.Context, func([]byte) error) error
					if read, err = d.people.Download(d.ctx, d.actor, doc); err == nil {
						err = read(d.ctx, func(piece []byte) error {
							if !bytes.Equal(piece, pdfOf("the same").Content) {
								return fmt.Errorf("it reads %q", piece)
							}
							return nil
						})
					}
				}
				if err == nil {
					err = d.people.DeleteDocument(d.ctx, d.actor, holder, doc.ID)
				}
				if err != nil {
					d.t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	events, err := d.s.Events(d.ctx, event.Filter{Type: event.DocumentDeleted}, page.Request{Size: page.MaxSize})
	d.must(err)
	equal(d.suite, "events", len(events.Items), 48)
	equal(d.suite, "contents", d.blobs(100), 0)
}

func documentsBounded(d *directory) {
	_, person := d.equipped()
	for range 200 {
		_, err := d.people.AddDocument(d.ctx, d.actor, person, asset.LockScreenEvidence, pdfOf("x"), "")
		d.must(err)
	}
	_, err := d.people.AddDocument(d.ctx, d.actor, person, asset.LockScreenEvidence, pdfOf("x"), "")
	d.refused(err, fault.CodeUnprocessable)
}
