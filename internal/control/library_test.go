package control

import (
	"strings"
	"testing"
	"testing/fstest"
)

// The files that are shipped are whole.
func TestShippedContent(t *testing.T) {
	l, err := readLibrary(content)
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.Frameworks {
		f := &l.Frameworks[i]
		t.Logf("%s: %d requirements, digest %s", f.Slug, len(f.Requirements), f.Digest)
		if b, ok := l.bundle(f.Slug); !ok || len(b.Requirements) != len(f.Requirements) || b.Framework.Shipped == "" {
			t.Errorf("%s: the bundle is not whole", f.Slug)
		}
	}
	t.Logf("%d controls", len(l.Controls))
}

const aFramework = `kind: framework
tag: CUSTOM
slug: one
name: One
shortName: ONE
pill: One
description: It is one.
color: "#000000"
bgColor: "#FFFFFF"
source: A book, first edition.
licence: Our own words.
requirements:
  - {code: "1", name: First, category: All, description: Do it.}
  - {code: "2", name: Second, category: All}
`

const someControls = `kind: controls
source: Ourselves.
licence: Our own words.
controls:
  - code: PLB-001
    name: Do it
    description: We do it.
    requirements: {one: ["1", "2"]}
`

func TestRefusedContent(t *testing.T) {
	read := func(framework, controls string) error {
		_, err := readLibrary(fstest.MapFS{"content/a.yaml": {Data: []byte(framework)}, "content/b.yaml": {Data: []byte(controls)}})
		return err
	}
	if err := read(aFramework, someControls); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, old, new, want string }{
		{aFramework, "source: A book, first edition.\n", "", "source or licence"},
		{aFramework, "licence: Our own words.\n", `licence: " "` + "\n", "source or licence"},
		{aFramework, "tag: CUSTOM", "tag: ALL", "tag"},
		{aFramework, "tag: CUSTOM", "tag: LUNCH", "LUNCH"},
		{aFramework, "slug: one", "slug: One!", "slug"},
		{aFramework, "shortName: ONE", "shortName: " + strings.Repeat("O", 17), "shortName"},
		{aFramework, "pill: One", `pill: ""`, "pill"},
		{aFramework, `"#000000"`, "black", "color"},
		{aFramework, `code: "2"`, `code: "1"`, "twice"},
		{aFramework, "name: Second, category: All", "name: Second", "no category"},
		{aFramework, "name: Second", "name: " + strings.Repeat("S", 192), "192"},
		{aFramework, "name: Second", "nam: Second", "nam"},
		{aFramework, "kind: framework", "kind: frame", "kind"},
		{aFramework, "kind: framework", "kind: framework\n---\nkind: framework", ""},
		{someControls, "source: Ourselves.\n", "", "source"},
		{someControls, "PLB-001", "PLB-1", "PLB-1"},
		{someControls, "PLB-001", "ABC-001", "ABC-001"},
		{someControls, `"2"`, `"3"`, `no requirement "3"`},
		{someControls, "one:", "two:", `"two"`},
		{someControls, "description: We do it.", "description: \"\"", "description"},
		{someControls, "controls:\n", "controls:\n  - {code: PLB-001, name: n, description: d}\n", "twice"},
	} {
		framework, controls := aFramework, someControls
		text := strings.Replace(c.in, c.old, c.new, 1)
		if text == c.in {
			t.Fatalf("%q is not there", c.old)
		}
		if c.in == aFramework {
			framework = text
		} else {
			controls = text
		}
		if err := read(framework, controls); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q for %q: %v, want %q", c.new, c.old, err, c.want)
		}
	}
	if err := read(aFramework, strings.Replace(aFramework, "name: One", "name: Two", 1)); err == nil || !strings.Contains(err.Error(), "slug") {
		t.Errorf("one slug twice: %v", err)
	}
}

// A change of the texts, or of what is mapped, is another edition.
func TestEditions(t *testing.T) {
	digest := func(framework, controls string) string {
		l, err := readLibrary(fstest.MapFS{"content/a.yaml": {Data: []byte(framework)}, "content/b.yaml": {Data: []byte(controls)}})
		if err != nil {
			t.Fatal(err)
		}
		return l.Frameworks[0].Digest
	}
	first := digest(aFramework, someControls)
	if digest(aFramework, someControls) != first {
		t.Error("the same content has two digests")
	}
	if digest(aFramework+"\n", someControls) == first || digest(aFramework, strings.Replace(someControls, `"1", `, "", 1)) == first {
		t.Error("a change is not seen")
	}
	l := &Shipped{Frameworks: []ShippedFramework{{Slug: "one", Digest: first}}}
	for _, c := range []struct {
		f    Framework
		want bool
	}{{Framework{Slug: "one", Shipped: first}, false}, {Framework{Slug: "one", Shipped: "old"}, true}, {Framework{Slug: "one"}, false}, {Framework{Slug: "two", Shipped: "old"}, false}} {
		if got := l.NewerThan(c.f); got != c.want {
			t.Errorf("%+v: newer is %v", c.f, got)
		}
	}
}

// The identifiers of the sources are there, all of them, and every requirement
// of the essentials has a control.
func TestShippedContentIsComplete(t *testing.T) {
	l := Library()
	for slug, want := range map[string]map[string]int{
		// Trust Services Criteria of 2017: common criteria, availability,
		// confidentiality, processing integrity, privacy.
		"soc-2": {"CC": 33, "A": 3, "C": 2, "PI": 5, "P": 18},
		// ISO/IEC 27001:2022, Annex A: organisational, people, physical, technological.
		"iso-27001-2022": {"A.5.": 37, "A.6.": 8, "A.7.": 14, "A.8.": 34},
		// NIST CSF 2.0: subcategories by function.
		"nist-csf-2": {"GV.": 31, "ID.": 21, "PR.": 22, "DE.": 11, "RS.": 13, "RC.": 8},
	} {
		b, ok := l.bundle(slug)
		if !ok {
			t.Errorf("%s is missing", slug)
			continue
		}
		got := map[string]int{}
		for _, r := range b.Requirements {
			// The longest beginning counts: CC is not C, PI not P.
			best := ""
			for prefix := range want {
				if strings.HasPrefix(r.Code, prefix) && len(prefix) > len(best) {
					best = prefix
				}
			}
			got[best]++
		}
		for prefix, n := range want {
			if got[prefix] != n {
				t.Errorf("%s has %d codes that begin with %s, want %d", slug, got[prefix], prefix, n)
			}
		}
	}
	b, ok := l.bundle("plumbline-essentials")
	if !ok {
		t.Fatal("the essentials are missing")
	}
	served := map[string]bool{}
	for _, c := range b.Controls {
		for _, code := range c.Requirements {
			served[code] = true
		}
	}
	for _, r := range b.Requirements {
		if !served[r.Code] {
			t.Errorf("no control serves %s of the essentials", r.Code)
		}
	}
}
