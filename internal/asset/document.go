package asset

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/upload"
)

// DocumentType says what a document proves (contract section 2.7).
type DocumentType string

// The types.
const (
	PasswordManagerEvidence DocumentType = "PASSWORD_MANAGER_EVIDENCE"
	AutoUpdatesEvidence     DocumentType = "AUTO_UPDATES_EVIDENCE"
	EncryptionEvidence      DocumentType = "HARD_DRIVE_ENCRYPTION_EVIDENCE"
	AntivirusEvidence       DocumentType = "ANTIVIRUS_EVIDENCE"
	LockScreenEvidence      DocumentType = "LOCK_SCREEN_EVIDENCE"
)

// DocumentTypes are all of them.
var DocumentTypes = []DocumentType{PasswordManagerEvidence, AutoUpdatesEvidence, EncryptionEvidence, AntivirusEvidence, LockScreenEvidence}

// ParseDocumentType refuses what is no type.
func ParseDocumentType(text string) (DocumentType, error) {
	if t := DocumentType(text); slices.Contains(DocumentTypes, t) {
		return t, nil
	}
	if text == "" {
		return "", invalid("/type", "`type` is required; it must be one of %s", listed(DocumentTypes))
	}
	return "", invalid("/type", "`type` is %q; it must be one of %s", text[:min(len(text), 80)], listed(DocumentTypes))
}

// Document is a file that proves something of a device, or of a person without
// one.
type Document struct {
	ID   int64
	Type DocumentType
	// PersonID is the owner of the device, or the person whose record it is of.
	PersonID int64
	// DeviceID is 0 when the document is of the personnel record.
	DeviceID int64
	Name     string
	// Media is the media type of the content.
	Media string
	// BlobID names the content in the store; Hash is its SHA-256.
	BlobID int64
	Hash   []byte
	Size   int64
	// CreatedBy is the person who sent it, 0 when a key did.
	CreatedBy int64
	CreatedAt time.Time
}

// HolderID is what the document is of: the device, or the person.
func (d Document) HolderID() int64 {
	if d.DeviceID != 0 {
		return d.DeviceID
	}
	return d.PersonID
}

// Holder is what documents are of: a device, or a person without one. The two
// never share a number.
type Holder struct {
	PersonID int64
	// Device is nil when the documents are of the personnel record.
	Device *Device
	// Documents is how many there are.
	Documents int64
}

// maxDocuments is how many documents a device, or a person, has at most: their
// list has no pages.
const maxDocuments = 200

// DocumentStore keeps documents with their content.
type DocumentStore interface {
	// Documents reads those of a device or a person, newest first; NotFound if the
	// number is that of neither.
	Documents(ctx context.Context, holderID int64) ([]Document, error)
	// DocumentsOfDevices reads those of devices, by device, newest first.
	DocumentsOfDevices(ctx context.Context, deviceIDs []int64) (map[int64][]Document, error)
	// DocumentsOfUsers reads those of people and of all their devices, by the
	// account of the person, newest first.
	DocumentsOfUsers(ctx context.Context, userIDs []int64) (map[int64][]Document, error)
	// Document reads one; holderID 0 stands for any. An absent one is a NotFound.
	Document(ctx context.Context, holderID, id int64) (Document, error)
	// AddDocument stores a document with its content in one transaction: fill gets
	// what it will be of, and may refuse.
	AddDocument(ctx context.Context, holderID int64, d Document, content []byte, fill func(Holder) error, ev func(Holder, Document) event.Event) (Document, error)
	// DeleteDocument deletes a document, and the content that no other one has.
	DeleteDocument(ctx context.Context, holderID, id int64, ev func(Holder, Document) event.Event) error
	// DownloadedDocument notes that the content of a document was asked for.
	DownloadedDocument(ctx context.Context, d Document, ev func(Holder, Document) event.Event) error
	// Piece reads a part of a content, from 0 on; the last is followed by an empty
	// one.
	Piece(ctx context.Context, blobID, position int64) ([]byte, error)
}

// Documents lists the documents of a device or a person, newest first. An empty
// type stands for all.
func (s *Service) Documents(ctx context.Context, holderID int64, t DocumentType) ([]Document, error) {
	list, err := s.store.Documents(ctx, holderID)
	return slices.DeleteFunc(list, func(d Document) bool { return t != "" && d.Type != t }), err
}

// DocumentsOfDevices reads the documents of devices, by device, newest first.
func (s *Service) DocumentsOfDevices(ctx context.Context, deviceIDs []int64) (map[int64][]Document, error) {
	return s.store.DocumentsOfDevices(ctx, deviceIDs)
}

// DocumentsOfUsers reads the documents of people and of all their devices, by the
// account of the person, newest first.
func (s *Service) DocumentsOfUsers(ctx context.Context, userIDs []int64) (map[int64][]Document, error) {
	return s.store.DocumentsOfUsers(ctx, userIDs)
}

// Document reads one of a device or a person, which 0 leaves open; an absent one
// is a NotFound.
func (s *Service) Document(ctx context.Context, holderID, id int64) (Document, error) {
	return s.store.Document(ctx, holderID, id)
}

// AddDocument keeps a file as a document of a device or a person. pointer names
// the property that brought it.
func (s *Service) AddDocument(ctx context.Context, a event.Actor, holderID int64, t DocumentType, f upload.File, pointer string) (Document, error) {
	kind, err := upload.Check(f, pointer)
	if err != nil {
		return Document{}, err
	}
	now := s.now()
	d := Document{Type: t, Name: f.Name, Media: kind.Media, CreatedBy: a.UserID, CreatedAt: now}
	return s.store.AddDocument(ctx, holderID, d, f.Content, func(h Holder) error {
		if h.Documents >= maxDocuments {
			return fault.New(fault.CodeUnprocessable, "there are %d documents already: delete those that prove nothing any more", h.Documents)
		}
		return nil
	}, func(h Holder, d Document) event.Event {
		return documentEvent(a, now, event.DocumentAdded, h, d, "was added")
	})
}

// DeleteDocument deletes a document of a device or a person, which 0 leaves open.
func (s *Service) DeleteDocument(ctx context.Context, a event.Actor, holderID, id int64) error {
	now := s.now()
	return s.store.DeleteDocument(ctx, holderID, id, func(h Holder, d Document) event.Event {
		return documentEvent(a, now, event.DocumentDeleted, h, d, "was deleted")
	})
}

// Download notes that somebody downloads a document, and gives its content piece
// by piece to the function that it returns.
func (s *Service) Download(ctx context.Context, a event.Actor, d Document) (func(ctx context.Context, write func([]byte) error) error, error) {
	now := s.now()
	err := s.store.DownloadedDocument(ctx, d, func(h Holder, d Document) event.Event {
		return documentEvent(a, now, event.DocumentDownloaded, h, d, "was downloaded")
	})
	return func(ctx context.Context, write func([]byte) error) error {
		for at, left := int64(0), d.Size; left > 0; at++ {
			piece, err := s.store.Piece(ctx, d.BlobID, at)
			if err == nil && len(piece) == 0 {
				err = fmt.Errorf("document %d lacks %d bytes", d.ID, left)
			}
			if err != nil {
				return err
			}
			if err := write(piece); err != nil {
				return err
			}
			left -= int64(len(piece))
		}
		return nil
	}, err
}

func documentEvent(a event.Actor, at time.Time, t event.Type, h Holder, d Document, what string) event.Event {
	about := map[string]any{"documentId": d.ID, "personnelId": d.PersonID, "name": d.Name, "type": d.Type, "size": d.Size, "sha256": hex.EncodeToString(d.Hash)}
	category := event.CategoryPersonnel
	if h.Device != nil {
		category, about["deviceId"] = event.CategoryDevice, d.DeviceID
	}
	e := event.New(a, at, t, category, "Document “"+d.Name+"” "+what, about)
	if h.Device != nil {
		e.ConnectionID = h.Device.ConnectionID
	}
	return e
}
