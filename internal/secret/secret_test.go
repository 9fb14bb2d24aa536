package secret

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestSealAndOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "secret.key")
	b := NewBox(path)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the key file is there before it is needed: %v", err)
	}
	for _, plain := range []string{"", "a", strings.Repeat("long ", 10_000)} {
		sealed := must(b.Seal([]byte(plain), "a channel"))
		if len(plain) > 1 && bytes.Contains(sealed, []byte(plain[:5])) {
			t.Error("the secret can be read in what was sealed")
		}
		if again := must(b.Seal([]byte(plain), "a channel")); bytes.Equal(again, sealed) {
			t.Error("sealed twice alike")
		}
		// A program that starts anew, or another node with the same file.
		other := NewBox(path)
		if got := must(other.Open(sealed, "a channel")); string(got) != plain {
			t.Errorf("got %q, want %q", got, plain)
		}
		if _, err := b.Open(sealed, "another channel"); !errors.Is(err, ErrDamaged) {
			t.Errorf("opened for another purpose: %v", err)
		}
	}
	info := must(os.Stat(path))
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v", info.Mode())
	}
	if left := must(filepath.Glob(filepath.Join(filepath.Dir(path), "*"))); len(left) != 1 {
		t.Errorf("left in the folder: %v", left)
	}
}

// must gives the value of a call that must not fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestEveryBitCounts(t *testing.T) {
	b := NewBox(filepath.Join(t.TempDir(), "k"))
	sealed := must(b.Seal([]byte("secret"), "p"))
	for i := range sealed {
		for bit := range 8 {
			sealed[i] ^= 1 << bit
			if _, err := b.Open(sealed, "p"); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrOtherKey) {
				t.Fatalf("byte %d bit %d changed: %v", i, bit, err)
			}
			sealed[i] ^= 1 << bit
		}
		if _, err := b.Open(sealed[:i], "p"); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	if _, err := b.Open(sealed, "p"); err != nil {
		t.Fatal(err)
	}
}

func TestOtherKey(t *testing.T) {
	dir := t.TempDir()
	sealed := must(NewBox(filepath.Join(dir, "a")).Seal([]byte("secret"), "p"))
	if _, err := NewBox(filepath.Join(dir, "a-lost")).Open(sealed, "p"); !errors.Is(err, ErrOtherKey) {
		t.Errorf("without a key file: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a-lost")); !errors.Is(err, os.ErrNotExist) {
		t.Error("opening made a key file")
	}
	other := NewBox(filepath.Join(dir, "b"))
	must(other.Seal(nil, "p"))
	if _, err := other.Open(sealed, "p"); !errors.Is(err, ErrOtherKey) || !strings.Contains(err.Error(), filepath.Join(dir, "b")) {
		t.Errorf("with another: %v", err)
	}
}

func TestKeyFiles(t *testing.T) {
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, keySize))
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{key, true}, {"  " + key + "\r\n\n", true},
		{"", false}, {"\n", false}, {key[:20], false}, {"!" + key[1:], false}, {key + key, false}, {strings.Repeat("A", 2000), false},
	} {
		path := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := NewBox(path).Seal([]byte("x"), "p")
		if (err == nil) != c.ok {
			t.Errorf("%q: %v", c.text, err)
		}
		if err != nil && c.text != "" && strings.Contains(err.Error(), key[:10]) {
			t.Errorf("the error shows the key: %v", err)
		}
		if kept := must(os.ReadFile(path)); string(kept) != c.text {
			t.Errorf("the file %q was written over", c.text)
		}
	}
}

// Nodes that start together make one key.
func TestOneKeyForAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	sealed := make([][]byte, 16)
	var wg sync.WaitGroup
	for i := range sealed {
		wg.Go(func() {
			var err error
			if sealed[i], err = NewBox(path).Seal([]byte("secret"), "p"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, s := range sealed {
		if _, err := NewBox(path).Open(s, "p"); err != nil {
			t.Error(err)
		}
	}
}

func TestSign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	mark := must(NewBox(path).Sign([]byte("message"), "a"))
	if len(mark) != 32 || !bytes.Equal(must(NewBox(path).Sign([]byte("message"), "a")), mark) {
		t.Errorf("%x is not the mark of the message", mark)
	}
	for _, other := range [][]byte{must(NewBox(path).Sign([]byte("message"), "b")), must(NewBox(path).Sign([]byte("messagf"), "a")),
		must(NewBox(filepath.Join(t.TempDir(), "k")).Sign([]byte("message"), "a"))} {
		if bytes.Equal(other, mark) {
			t.Error("another message, purpose or key has the same mark")
		}
	}
	damaged := filepath.Join(t.TempDir(), "k")
	if err := os.WriteFile(damaged, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewBox(damaged).Sign(nil, ""); err == nil {
		t.Error("signed without a key")
	}
}

func FuzzOpen(f *testing.F) {
	b := NewBox(filepath.Join(f.TempDir(), "k"))
	sealed := must(b.Seal([]byte("secret"), "p"))
	for _, seed := range [][]byte{nil, {}, {1}, sealed, sealed[:headSize], append([]byte{2}, sealed[1:]...)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if plain, err := b.Open(text, "p"); err == nil && !bytes.Equal(text, sealed) {
			t.Errorf("%x opens as %q", text, plain)
		}
	})
}
