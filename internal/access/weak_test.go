package access

import (
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

func TestCheckPassword(t *testing.T) {
	about := []string{"ann.example@corp.test", "Ann", "Example", "Umbrella Logistics"}
	for _, weak := range []string{
		"", "short", "elevenchars", "aaaaaaaaaaaa", "abababababababab", "abcabcabcabc", "123456789012", "qwertyuiopas", "password1234", "Password2026!",
		"P4ssw0rdP4ssw0rd", "passwordpassword", "Summer2026!!", "Welcome12345!", "iloveyou1234", "abcdefghijkl", "1q2w3e4r5t6y", "qazwsxedcrfv",
		"letmeinplease", "plumbline2026", "Plumbline123!", "annexample12", "AnnExample2026!", "umbrellalogistics", "Umbrella2026!!", "administrator",
		"correcthorsebatterystaple", "zyxwvutsrqpo", "asdfghjklasdfghjkl", "1234qwerasdf", "000000000000", "ann.example@corp.test",
		strings.Repeat("pä", 513), "bad\xffbytes in it", "１２３４５６７８９０１２",
	} {
		err := checkPassword(weak, about...)
		if fault.CodeOf(err) != fault.CodeValidation {
			t.Errorf("%.40q is taken: %v", weak, err)
		} else if weak != "" && strings.Contains(err.Error(), weak) {
			t.Errorf("%q is repeated: %v", weak, err)
		}
	}
	for _, strong := range []string{
		"violet tractor 9 sings", "Kx7#mPq2!vLs", "brückengeländer rot", "пароль у меня длинный", "wandering-otter-velvet", "nUxt0-garble-fjord", strings.Repeat("pä", 5) + "zwölf🐘",
		"the plumbline hangs over gravel", "Umbrella tastes like rhubarb", "dK4-vvTz-99-mQ", "7#2!9%4_pQ;8", "739148205517",
	} {
		if err := checkPassword(strong, about...); err != nil {
			t.Errorf("%q: %v", strong, err)
		}
	}
}

func TestHashes(t *testing.T) {
	h := newHasher()
	const password = "Ångström sings ﬁne"
	stored, err := h.hash(t.Context(), password)
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%q, %v", stored, err)
	}
	again, err := h.hash(t.Context(), password)
	if err != nil || again == stored {
		t.Errorf("two hashes are the same: %v", err)
	}
	check := func(password, stored string, want, wantOld bool) {
		t.Helper()
		if ok, old, err := h.matches(t.Context(), password, stored); err != nil || ok != want || ok && old != wantOld {
			t.Errorf("%q: %v, old %v, %v", password, ok, old, err)
		}
	}
	check(password, stored, true, false)
	check("A\u030angstro\u0308m sings fine", stored, true, false)
	check("ångström sings ﬁne", stored, false, false)
	check("", stored, false, false)
	check(password, "", false, false)
	check("", "", false, false)
	cheap := newHasher()
	cheap.cost = cost{time: 1, memory: 8 << 10, threads: 1}
	weaker, err := cheap.hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	check(password, weaker, true, true)
	for _, damaged := range []string{"x", "$argon2i$v=19$m=1,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", strings.Replace(stored, "m=19456", "m=99999999", 1),
		strings.Replace(stored, "t=2", "t=0", 1), strings.Replace(stored, "v=19", "v=18", 1), stored[:40], strings.Replace(stored, "p=1", "p=0", 1)} {
		if ok, _, err := h.matches(t.Context(), password, damaged); ok || err == nil {
			t.Errorf("%q: %v, %v", damaged, ok, err)
		}
	}
}
