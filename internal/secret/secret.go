// Package secret keeps secrets at rest: what is sealed is of no use without
// the key file, which is not part of the database or of its copies.
package secret

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

const (
	keySize = 32
	// A sealed text is the version, the key's mark, the nonce and what
	// AES-256-GCM makes of the secret.
	version   = 1
	markSize  = 4
	nonceSize = 12
	headSize  = 1 + markSize + nonceSize
	// maxFile is more than a key file has, white space included.
	maxFile = 1024
)

// Errors of [Box.Open].
var (
	// ErrDamaged means that a text was not sealed for this purpose, or was
	// changed since.
	ErrDamaged = errors.New("the sealed secret is damaged")
	// ErrOtherKey means that a text was sealed with another key file.
	ErrOtherKey = errors.New("the secret was sealed with another key file")
)

// Box seals secrets with the key of a file. It touches the file on first need
// and is safe for concurrent use.
type Box struct {
	path string

	mu     sync.Mutex
	secret []byte
	aead   cipher.AEAD
	mark   [markSize]byte
}

// NewBox is a box whose key file is at a path. The file holds 32 random bytes
// in base64 (RFC 4648, section 4); the first secret that is sealed makes it,
// readable for its owner only, if it is not there.
func NewBox(path string) *Box { return &Box{path: path} }

// Seal closes a secret (AES-256-GCM with a random nonce). The purpose says what
// the secret is for; it is needed to open it and is not a secret itself.
func (b *Box) Seal(plain []byte, purpose string) ([]byte, error) {
	aead, mark, err := b.key(true)
	if err != nil {
		return nil, err
	}
	out := make([]byte, headSize, headSize+len(plain)+aead.Overhead())
	out[0] = version
	copy(out[1:], mark[:])
	nonce := out[1+markSize : headSize]
	_, _ = rand.Read(nonce) // never fails (crypto/rand since Go 1.24)
	return aead.Seal(out, nonce, plain, []byte(purpose)), nil
}

// Open gives back what was sealed for a purpose: ErrOtherKey if the key file
// is not the one it was sealed with, ErrDamaged if it was changed.
func (b *Box) Open(sealed []byte, purpose string) ([]byte, error) {
	if len(sealed) < headSize || sealed[0] != version {
		return nil, ErrDamaged
	}
	aead, mark, err := b.key(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no key file %s", ErrOtherKey, b.path)
	}
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(sealed[1:1+markSize], mark[:]) {
		return nil, fmt.Errorf("%w than %s", ErrOtherKey, b.path)
	}
	plain, err := aead.Open(nil, sealed[1+markSize:headSize], sealed[headSize:], []byte(purpose))
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// Sign makes a mark of a message (HMAC-SHA-256) that nobody can make without the
// key file. Each purpose has a key of its own, which is derived from the file's
// (HKDF, RFC 5869).
func (b *Box) Sign(message []byte, purpose string) ([]byte, error) {
	if _, _, err := b.key(true); err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, b.secret, nil, "plumbline marks\n"+purpose, keySize)
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil), nil
}

// key reads the key file once, and makes it if it may.
func (b *Box) key(make bool) (cipher.AEAD, [markSize]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.aead != nil {
		return b.aead, b.mark, nil
	}
	key, err := read(b.path)
	if errors.Is(err, fs.ErrNotExist) && make {
		if err = create(b.path); err == nil {
			key, err = read(b.path)
		}
	}
	if err != nil {
		return nil, b.mark, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, b.mark, err
	}
	if b.aead, err = cipher.NewGCM(block); err != nil {
		return nil, b.mark, err
	}
	b.secret = key
	// The mark tells keys apart and nothing about them.
	sum := sha256.Sum256(append([]byte("plumbline key mark\n"), key...))
	copy(b.mark[:], sum[:])
	return b.aead, b.mark, nil
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the key file: %w", err)
	}
	defer func() { _ = f.Close() }()
	text := make([]byte, maxFile)
	n, err := f.Read(text)
	if err != nil {
		return nil, fmt.Errorf("read the key file %s: %w", path, err)
	}
	key, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(text[:n])))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("the key file %s does not hold %d bytes in base64", path, keySize)
	}
	return key, nil
}

// create makes a key file that is whole as soon as it can be seen; one that
// somebody else made meanwhile stays.
func create(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create the folder of the key file: %w", err)
	}
	f, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return fmt.Errorf("create the key file: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	var key [keySize]byte
	_, _ = rand.Read(key[:])
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key[:]) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("create the key file: %w", err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("create the key file: %w", err)
	}
	// What is sealed next must not outlive the name of the key. Some systems cannot
	// sync a folder.
	_ = d.Sync()
	return d.Close()
}
