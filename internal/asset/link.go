package asset

import (
	"crypto/hmac"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// LinkLife is how long a link to a document is good.
const LinkLife = 5 * time.Minute

// Signer makes marks that only this server can make; secret.Box does.
type Signer interface {
	// Sign makes the same mark of the same message and purpose each time.
	Sign(message []byte, purpose string) ([]byte, error)
}

// Link is an address of one document's content that needs no sign-in: whoever
// has it may read that document until it expires, and nothing else.
type Link struct {
	HolderID   int64
	DocumentID int64
	// Expires is a moment in seconds since 1970.
	Expires int64
	// UserID and KeyID are who asked for it.
	UserID int64
	KeyID  int64
	// Signature is in hex.
	Signature string
}

// Links makes links and proves them.
type Links struct {
	signer Signer
	now    func() time.Time
}

// NewLinks makes links with a signer and a clock.
func NewLinks(s Signer, now func() time.Time) *Links { return &Links{s, now} }

// To makes a link to a document for somebody who may read it.
func (l *Links) To(d Document, a event.Actor) (Link, error) {
	k := Link{HolderID: d.HolderID(), DocumentID: d.ID, Expires: l.now().Add(LinkLife).Unix(), UserID: a.UserID, KeyID: a.KeyID}
	mark, err := l.mark(k)
	k.Signature = hex.EncodeToString(mark)
	return k, err
}

// Prove refuses a link that this server did not give, or that is over.
func (l *Links) Prove(k Link) error {
	given, err := hex.DecodeString(k.Signature)
	if err != nil {
		given = nil
	}
	mark, err := l.mark(k)
	if err != nil {
		return err
	}
	if !hmac.Equal(mark, given) {
		return fault.New(fault.CodeForbidden, "this is not a link that the server gave: ask for the document with `expand[]=downloadUrl`")
	}
	if l.now().Unix() >= k.Expires {
		return fault.New(fault.CodeForbidden, "the link is good for five minutes, and they are over: ask for the document with `expand[]=downloadUrl` again")
	}
	return nil
}

func (l *Links) mark(k Link) ([]byte, error) {
	return l.signer.Sign(fmt.Appendf(nil, "%d %d %d %d %d", k.HolderID, k.DocumentID, k.Expires, k.UserID, k.KeyID), "links to documents")
}
