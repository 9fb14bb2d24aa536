package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// cost is what making a hash takes. Those in force are of the OWASP password
// storage cheat sheet: 19 MiB twice, some 25 ms of one core.
type cost struct {
	time, memory uint32 // memory in KiB
	threads      uint8
}

var costInForce = cost{time: 2, memory: 19 << 10, threads: 1}

// The largest cost of a stored hash that is tried: a damaged row must not take
// all memory.
const (
	maxHashTime   = 10
	maxHashMemory = 256 << 10
)

const (
	saltSize = 16
	hashSize = 32
	// maxHashing bounds the memory of hashes that are made side by side, and
	// hashPatience is how long one waits for its turn.
	maxHashing   = 4
	hashPatience = 10 * time.Second
)

// hasher makes and checks hashes of passwords, a few at a time.
type hasher struct {
	cost   cost
	places chan struct{}
	// nobody is the hash of no password: it is checked where there is none, so
	// that an unknown address takes as long as a known one.
	nobody string
}

func newHasher() *hasher {
	h := &hasher{cost: costInForce, places: make(chan struct{}, max(1, min(maxHashing, runtime.GOMAXPROCS(0))))}
	h.nobody = encodeHash(h.cost, random(saltSize), random(hashSize))
	return h
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand since Go 1.24)
	return b
}

// turn waits until a hash may be made.
func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	late := time.NewTimer(hashPatience)
	defer late.Stop()
	select {
	case h.places <- struct{}{}:
		return func() { <-h.places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-late.C:
		busy := fault.New(fault.CodeUnavailable, "too many people sign in at this moment: try again in a few seconds")
		busy.RetryAfter = hashPatience
		return nil, busy
	}
}

// normalized is the form of a password that is hashed: NFKC, as NIST SP 800-63B
// asks, so that each keyboard makes the same of it.
func normalized(password string) []byte { return norm.NFKC.Bytes([]byte(password)) }

// hash makes the hash of a password, in the text form of the argon2 program.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	c, salt := h.cost, random(saltSize)
	return encodeHash(c, salt, argon2.IDKey(normalized(password), salt, c.time, c.memory, c.threads, hashSize)), nil
}

// matches reports whether a password has a hash, and whether that hash is of
// another cost than the one in force. An empty hash matches nothing, in the
// time of any other.
func (h *hasher) matches(ctx context.Context, password, stored string) (ok, old bool, err error) {
	known := stored != ""
	if !known {
		stored = h.nobody
	}
	c, salt, want, err := decodeHash(stored)
	if err != nil {
		return false, false, err
	}
	done, err := h.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	got := argon2.IDKey(normalized(password), salt, c.time, c.memory, c.threads, uint32(len(want))) //nolint:gosec // decodeHash bounds it
	return subtle.ConstantTimeCompare(got, want) == 1 && known, c != h.cost, nil
}

func encodeHash(c cost, salt, hash []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(hash))
}

func decodeHash(text string) (c cost, salt, hash []byte, err error) {
	damaged := fmt.Errorf("a stored password hash is damaged")
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return c, nil, nil, damaged
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return c, nil, nil, damaged
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); err != nil {
		return c, nil, nil, damaged
	}
	if c.time == 0 || c.time > maxHashTime || c.memory > maxHashMemory || c.threads == 0 {
		return c, nil, nil, damaged
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	hash, hashErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || hashErr != nil || len(salt) < 8 || len(hash) < 16 || len(hash) > 128 {
		return c, nil, nil, damaged
	}
	return c, salt, hash, nil
}
