package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// now is the moment at which every rule with a date is decided.
var now = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

// How often a member is missing, or has a value of another type than its rules expect.
const (
	missing   = 0.02
	wrongType = 0.01
)

// generator makes records as JSON text. The same seed gives the same records.
type generator struct {
	*rand.Rand
}

// member is one member of an object: its text, and texts of wrong types for it.
// Those of an object are arrays, as some languages write an empty map: a path
// into a scalar gives the scalar here and in json-rules-engine, and an error or
// nothing elsewhere, so on such data the engines would rightly disagree.
type member struct {
	name, text string
	wrong      []string
}

var (
	wrongBool   = []string{`"yes"`, `null`, `1`}
	wrongText   = []string{`null`, `17`, `""`}
	wrongNumber = []string{`null`, `"n/a"`, `false`}
	wrongDate   = []string{`null`, `"never"`, `""`, `true`}
	wrongList   = []string{`null`, `0`, `true`}
	wrongObject = []string{`[]`}
)

func (g *generator) object(members ...member) string {
	var b strings.Builder
	b.WriteByte('{')
	for _, m := range members {
		text := m.text
		switch x := g.Float64(); {
		case x < missing:
			continue
		case x < missing+wrongType && m.wrong != nil:
			text = m.wrong[g.IntN(len(m.wrong))]
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(m.name) + ":" + text)
	}
	b.WriteByte('}')
	return b.String()
}

func (g *generator) list(n int, element func(i int) string) string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = element(i)
	}
	return "[" + strings.Join(texts, ",") + "]"
}

// flag is true with probability p.
func (g *generator) flag(p float64) string { return strconv.FormatBool(g.Float64() < p) }

func (g *generator) number(from, to int) string { return strconv.Itoa(from + g.IntN(to-from+1)) }

// pick takes one of the words; a word that stands more often is taken more often.
func (g *generator) pick(words string) string {
	list := strings.Fields(words)
	return list[g.IntN(len(list))]
}

func (g *generator) quoted(words string) string { return strconv.Quote(g.pick(words)) }

// date is up to so many days before now, mostly recent, rarely in the future.
func (g *generator) date(days float64) string {
	ago := g.Float64() * g.Float64() * days
	if g.Float64() < 0.02 {
		ago = -ago
	}
	return strconv.Quote(now.Add(-time.Duration(ago * 24 * float64(time.Hour))).Truncate(time.Second).Format(time.RFC3339))
}

const (
	givenNames  = "ada grace alan edsger barbara donald margaret linus radia leslie"
	familyNames = "lovelace hopper turing dijkstra liskov knuth hamilton torvalds perlman lamport"
	groupNames  = "engineering engineering on-call security-champions finance all-staff release-managers"
	domains     = "example.com example.com example.com example.com example.org"
)

// small is an account of a person: 10 members, about 250 bytes.
func (g *generator) small(n int) string {
	given, family := g.pick(givenNames), g.pick(familyNames)
	return g.object(
		member{"id", strconv.Quote(g.pick("usr- usr- usr- usr- svc-") + fmt.Sprintf("%08d", n)), wrongText},
		member{"email", strconv.Quote(given + "." + family + "@" + g.pick(domains)), wrongText},
		member{"name", strconv.Quote(given + " " + family), []string{`null`, `""`, `42`}},
		member{"mfa", g.flag(0.9), wrongBool},
		member{"admin", g.flag(0.1), wrongBool},
		member{"status", g.quoted("active active active active invited suspended deleted"), wrongText},
		member{"role", g.quoted("engineer engineer manager auditor owner guest contractor"), append([]string{`["engineer"]`}, wrongText...)},
		member{"loginCount", g.number(0, 1200), wrongNumber},
		member{"lastSeen", g.date(120), wrongDate},
		member{"groups", g.list(1+g.IntN(6), func(int) string { return g.quoted(groupNames) }), wrongList},
	)
}

// medium is a host in a cloud: nested objects, arrays of objects, tags, about 1.3 KB.
func (g *generator) medium(n int) string {
	return g.object(
		member{"id", fmt.Sprintf(`"i-%016x"`, g.Uint64()), wrongText},
		member{"hostname", fmt.Sprintf(`"%s-%03d.%s.example.com"`, g.pick("web web api db cache"), n%1000, g.pick("prod prod prod stage lab")), wrongText},
		member{"region", g.quoted("eu-west-1 eu-west-1 eu-central-1 eu-north-1 us-east-1"), wrongText},
		member{"status", g.quoted("running running running running stopped terminated"), wrongText},
		member{"score", fmt.Sprintf("%.1f", 60+40*g.Float64()), wrongNumber},
		member{"createdAt", g.date(900), wrongDate},
		member{"lastSeen", g.date(14), wrongDate},
		member{"account", g.object(
			member{"id", fmt.Sprintf(`"%012d"`, g.IntN(1e12)), wrongText},
			member{"name", g.quoted("production production production staging sandbox"), wrongText},
			member{"owner", g.object(
				member{"team", g.quoted("platform payments search data"), wrongText},
				member{"email", strconv.Quote(g.pick("platform payments search data") + "@" + g.pick(domains)), wrongText},
			), wrongObject},
		), wrongObject},
		member{"os", g.object(
			member{"name", g.quoted("ubuntu ubuntu debian rhel windows arch"), wrongText},
			member{"version", g.quoted("22.04 24.04 12.5 9.4"), wrongText},
			member{"kernel", strconv.Quote("6.8.0-" + g.number(31, 60) + "-generic"), wrongText},
			member{"patchedAt", g.date(90), wrongDate},
			member{"autoUpdate", g.flag(0.6), wrongBool},
		), wrongObject},
		member{"encryption", g.object(
			member{"atRest", g.flag(0.95), wrongBool},
			member{"kmsKey", g.object(
				member{"id", strconv.Quote("key/" + fmt.Sprintf("%08x", g.Uint32())), wrongText},
				member{"rotation", g.flag(0.9), wrongBool},
				member{"rotatedAt", g.date(900), wrongDate},
			), wrongObject},
		), wrongObject},
		member{"network", g.object(
			member{"publicIp", g.pick(`null null null "203.0.113.7"`), wrongNumber[1:]},
			member{"vpc", fmt.Sprintf(`"vpc-%08x"`, g.Uint32()), wrongText},
			member{"securityGroups", g.list(1+g.IntN(3), func(int) string {
				return g.object(
					member{"id", fmt.Sprintf(`"sg-%08x"`, g.Uint32()), wrongText},
					member{"port", g.pick("443 443 443 22 3389 8080"), wrongNumber},
					member{"cidr", g.quoted("10.0.0.0/8 192.168.0.0/16 0.0.0.0/0"), wrongText},
					member{"open", g.flag(0.2), wrongBool},
				)
			}), wrongList},
		), wrongObject},
		member{"disks", g.list(g.IntN(5), func(i int) string {
			return g.object(
				member{"device", fmt.Sprintf(`"/dev/sd%c"`, 'a'+i), wrongText},
				member{"sizeGb", g.pick("50 100 500"), wrongNumber},
				member{"encrypted", g.flag(0.95), wrongBool},
				member{"type", g.quoted("gp3 gp3 io2"), wrongText},
			)
		}), wrongList},
		member{"users", g.list(1+g.IntN(5), func(int) string {
			return g.object(
				member{"name", g.quoted(givenNames), wrongText},
				member{"role", g.quoted("admin user user user"), wrongText},
				member{"mfa", g.flag(0.9), wrongBool},
			)
		}), wrongList},
		member{"agents", g.list(1+g.IntN(3), func(int) string {
			return g.object(
				member{"name", g.quoted("edr edr edr logs metrics"), wrongText},
				member{"version", strconv.Quote("7." + g.number(0, 30) + ".1"), wrongText},
				member{"running", g.flag(0.9), wrongBool},
			)
		}), wrongList},
		member{"backup", g.object(
			member{"enabled", g.flag(0.95), wrongBool},
			member{"lastRun", g.date(5), wrongDate},
			member{"retentionDays", g.pick("7 30 35 90"), wrongNumber},
		), wrongObject},
		member{"vulnerabilities", g.object(
			member{"critical", g.pick("0 0 0 0 1 3"), wrongNumber},
			member{"high", g.number(0, 8), wrongNumber},
			member{"oldest", g.date(200), wrongDate},
		), wrongObject},
		member{"tags", g.list(2+g.IntN(4), func(int) string {
			return g.quoted("pci pci pci owner:platform env:prod internet-facing legacy tier:1 tier:2")
		}), wrongList},
	)
}

// records writes so many records.
func (g *generator) records(count int, one func(n int) string) [][]byte {
	out := make([][]byte, count)
	for n := range out {
		out[n] = []byte(one(n))
	}
	return out
}
