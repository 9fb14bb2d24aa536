// Package access says who may do what: workspaces, API keys and their scopes.
package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Key is an API key without its secret. A secret is shown once, by
// [Service.CreateKey]; only its SHA-256 is stored.
type Key struct {
	ID     int64
	Name   string
	Scopes []Scope
	// Prefix is the beginning of the secret, enough to recognise a key.
	Prefix    string
	CreatedAt time.Time
	// ExpiresAt is zero when the key never expires.
	ExpiresAt time.Time
	RevokedAt time.Time
	// LastUsedAt has a resolution of one minute.
	LastUsedAt time.Time
	// AllowedIPs limits the source addresses, when not empty.
	AllowedIPs []netip.Prefix
	// Connections are those to which a key with the scope [DevicesReport] reports
	// devices; it may do nothing else.
	Connections []int64
	// UserID is the person who made it, 0 if none did. A key belongs to the
	// organisation and outlives the account.
	UserID int64
}

// Reports reports whether the key is for an agent: it may report devices to its
// Connections, and nothing else.
func (k Key) Reports() bool { return slices.Contains(k.Scopes, DevicesReport) }

// KeyFilter narrows a list of keys; zero fields do not.
type KeyFilter struct {
	// UserID is who made them.
	UserID int64
	// UsableAt keeps those that are neither revoked nor expired at a moment.
	UsableAt time.Time
}

// KeyState is what people see of a key's life.
type KeyState string

// The states of the contract's section 1.2.
const (
	KeyActive      KeyState = "ACTIVE"
	KeyExpiresSoon KeyState = "EXPIRES_SOON"
	KeyExpired     KeyState = "EXPIRED"
	KeyRevoked     KeyState = "REVOKED"
)

const expiresSoon = 30 * 24 * time.Hour

// State is the key's state at a moment.
func (k Key) State(now time.Time) KeyState {
	switch {
	case !k.RevokedAt.IsZero():
		return KeyRevoked
	case k.ExpiresAt.IsZero():
		return KeyActive
	case !now.Before(k.ExpiresAt):
		return KeyExpired
	case k.ExpiresAt.Sub(now) < expiresSoon:
		return KeyExpiresSoon
	}
	return KeyActive
}

// Digest is the SHA-256 of a secret, the only form in which it is stored.
type Digest [sha256.Size]byte

// KeyStore keeps keys.
type KeyStore interface {
	CreateKey(ctx context.Context, k Key, d Digest, e event.Event) (Key, error)
	// KeyByDigest finds a key; an absent one is a NotFound.
	KeyByDigest(ctx context.Context, d Digest) (Key, error)
	Keys(ctx context.Context, f KeyFilter, r page.Request) (page.Page[Key], error)
	// KeyNames reads the names of keys by their ids; one that is absent is left out.
	KeyNames(ctx context.Context, ids []int64) (map[int64]string, error)
	// RevokeKey sets RevokedAt; an absent key is a NotFound, a revoked one
	// stays as it is.
	RevokeKey(ctx context.Context, id int64, at time.Time, e event.Event) error
	TouchKey(ctx context.Context, id int64, at time.Time) error
}

const (
	keyPrefix  = "plk_"
	secretSize = 24
)

// NewSecret makes the text of a key: plk_ + 192 random bits + a CRC-32 that
// lets a scanner tell a leaked key from a random word without asking us.
func NewSecret() string {
	var raw [secretSize + 4]byte
	_, _ = rand.Read(raw[:secretSize]) // never fails (crypto/rand since Go 1.24)
	binary.BigEndian.PutUint32(raw[secretSize:], crc32.ChecksumIEEE(raw[:secretSize]))
	return keyPrefix + base64.RawURLEncoding.EncodeToString(raw[:])
}

// WellFormed reports whether a text has the form and checksum of a key.
func WellFormed(secret string) bool {
	body, ok := strings.CutPrefix(secret, keyPrefix)
	if !ok {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	return err == nil && len(raw) == secretSize+4 &&
		binary.BigEndian.Uint32(raw[secretSize:]) == crc32.ChecksumIEEE(raw[:secretSize])
}

// Service is the use of keys and workspaces.
type Service struct {
	store  Store
	now    func() time.Time
	hasher *hasher

	mu sync.Mutex
	// touched is when the use of keys (above 0) and web sessions (below) was
	// noted last.
	touched map[int64]time.Time

	settings settingsCache
}

// NewService makes the service over a store and a clock.
func NewService(s Store, now func() time.Time) *Service {
	return &Service{store: s, now: now, hasher: newHasher(), touched: map[int64]time.Time{}}
}

// NewKey is what a caller may choose of a key.
type NewKey struct {
	Name       string
	Scopes     []Scope
	ExpiresAt  time.Time
	AllowedIPs []netip.Prefix
	// Connections go with the scope [DevicesReport], and only with it.
	Connections []int64
}

// maxKeyConnections bounds to how many connections one key reports.
const maxKeyConnections = 100

// bound refuses a key that reports devices and may do something else, too.
func (n NewKey) bound() error {
	reports := slices.Contains(n.Scopes, DevicesReport)
	refuse := func(pointer, format string, args ...any) error {
		return fault.New(fault.CodeValidation, format, args...).At(pointer)
	}
	switch {
	case reports && len(n.Scopes) > 1:
		return refuse("/scopes", "a key with the scope `%s` reports devices and does nothing else: make another key for the other scopes", DevicesReport)
	case reports && len(n.Connections) == 0:
		return refuse("/connectionIds", "the scope `%s` needs `connectionIds`: the MDM connections to which the key reports devices", DevicesReport)
	case !reports && len(n.Connections) > 0:
		return refuse("/connectionIds", "`connectionIds` goes with the scope `%s` only: every other scope is for all connections", DevicesReport)
	case len(n.Connections) > maxKeyConnections:
		return refuse("/connectionIds", "`connectionIds` may name at most %d", maxKeyConnections)
	}
	return nil
}

// CreateKey makes a key and returns it with its secret, which is shown this
// once.
func (s *Service) CreateKey(ctx context.Context, a event.Actor, n NewKey) (Key, string, error) {
	name := strings.TrimSpace(n.Name)
	if n := utf8.RuneCountInString(name); n == 0 || n > 191 {
		return Key{}, "", fault.New(fault.CodeValidation, "`name` must have 1 to 191 characters")
	}
	if len(n.Scopes) == 0 {
		return Key{}, "", fault.New(fault.CodeValidation, "`scopes` must name at least one scope")
	}
	if err := n.bound(); err != nil {
		return Key{}, "", err
	}
	now := s.now()
	if !n.ExpiresAt.IsZero() && !n.ExpiresAt.After(now) {
		return Key{}, "", fault.New(fault.CodeValidation, "`expiresAt` is in the past")
	}
	for i, p := range n.AllowedIPs {
		n.AllowedIPs[i] = Network(p)
	}
	secret := NewSecret()
	k := Key{Name: name, Scopes: n.Scopes, Prefix: secret[:len(keyPrefix)+4], CreatedAt: now,
		ExpiresAt: n.ExpiresAt, AllowedIPs: n.AllowedIPs, Connections: slices.Compact(slices.Sorted(slices.Values(n.Connections))), UserID: a.UserID}
	about := map[string]any{"name": name, "scopes": n.Scopes}
	if k.Reports() {
		about["connectionIds"] = k.Connections
	}
	e := event.New(a, now, event.KeyCreated, event.CategoryKey, "API key “"+name+"” was created", about)
	k, err := s.store.CreateKey(ctx, k, sha256.Sum256([]byte(secret)), e)
	return k, secret, err
}

// Network is the form of a network that addresses are compared with: masked,
// and IPv4 even if it was written as IPv6 (::ffff:192.0.2.0/120).
func Network(p netip.Prefix) netip.Prefix {
	const mapped = 96
	if p.Addr().Is4In6() && p.Bits() >= mapped {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped)
	}
	return p.Masked()
}

// Keys lists keys, revoked and expired ones included.
func (s *Service) Keys(ctx context.Context, f KeyFilter, r page.Request) (page.Page[Key], error) {
	return s.store.Keys(ctx, f, r)
}

// RevokeKey ends a key; the next request that shows it is refused.
func (s *Service) RevokeKey(ctx context.Context, a event.Actor, id int64) error {
	now := s.now()
	return s.store.RevokeKey(ctx, id, now, keyRevoked(a, now)(id))
}

func keyRevoked(a event.Actor, now time.Time) func(id int64) event.Event {
	return func(id int64) event.Event {
		return event.New(a, now, event.KeyRevoked, event.CategoryKey, "An API key was revoked", map[string]any{"keyId": id})
	}
}

// Unauthorized is the one answer to a key that is absent, malformed, unknown,
// expired, revoked or used from another address, so that none of these can be
// told from the others.
func Unauthorized() *fault.Error { return fault.New(fault.CodeUnauthorized, "Unauthorized") }

// Authenticate accepts a secret that comes from an address, or answers
// [Unauthorized].
func (s *Service) Authenticate(ctx context.Context, secret string, from netip.Addr) (Principal, error) {
	if !WellFormed(secret) {
		return Principal{}, Unauthorized()
	}
	k, err := s.store.KeyByDigest(ctx, sha256.Sum256([]byte(secret)))
	if fault.KindOf(err) == fault.NotFound {
		return Principal{}, Unauthorized()
	}
	if err != nil {
		return Principal{}, err
	}
	now := s.now()
	if st := k.State(now); st == KeyRevoked || st == KeyExpired {
		return Principal{}, Unauthorized()
	}
	if len(k.AllowedIPs) > 0 && !slices.ContainsFunc(k.AllowedIPs, func(p netip.Prefix) bool { return p.Contains(from.Unmap()) }) {
		return Principal{}, Unauthorized()
	}
	s.touch(k.ID, now, func() error { return s.store.TouchKey(ctx, k.ID, now) })
	return Principal{Key: k, Actor: event.Actor{Source: event.SourceAPI, KeyID: k.ID, Name: k.Name}, powers: powers{everywhere: k.Scopes}}, nil
}

// touch notes the use of a key or a session at most once a minute: a write for
// each request would cost more than the request.
func (s *Service) touch(id int64, now time.Time, note func() error) {
	s.mu.Lock()
	last, seen := s.touched[id]
	due := !seen || now.Sub(last) >= time.Minute
	if due {
		s.touched[id] = now
	}
	s.mu.Unlock()
	if due {
		// A failure to note the use must not refuse the request.
		_ = note()
	}
}
