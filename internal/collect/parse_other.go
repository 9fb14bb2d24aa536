package collect

import (
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
	"github.com/plumbline-dev/plumbline/internal/collect/query"
	"github.com/plumbline-dev/plumbline/internal/document"
)

// The forms of what a program or a file holds.
const (
	asJSON    = "json"
	asNDJSON  = "ndjson"
	asCSV     = "csv"
	asParquet = "parquet"
)

type sqlSource struct {
	driver     string
	dsn, query template
}

type commandSource struct {
	run     []template
	format  string
	env     []pair
	timeout time.Duration
	items   *jq.Code
}

type fileSource struct {
	path   template
	format string
	items  *jq.Code
	// s3 is how a bucket is reached; nil: as the environment says.
	s3 *s3Source
}

// s3Source is an object storage that speaks the protocol of S3.
type s3Source struct{ endpoint, region, accessKey, secretKey template }

type osquerySource struct{ query, results template }

func (r *reader) sqlSource(f field) *sqlSource {
	if !r.mapping(f, "driver", "dsn", "query") {
		return nil
	}
	return &sqlSource{driver: r.oneOf(f.get("driver"), "", query.Postgres, query.MySQL, query.SQLite),
		dsn: r.neededTemplate(f.get("dsn")), query: r.neededTemplate(f.get("query"))}
}

const (
	maxArguments   = 200
	defaultTimeout = 5 * time.Minute
)

func (r *reader) commandSource(f, items field) *commandSource {
	if !r.mapping(f, "run", "format", "env", "timeout") {
		return nil
	}
	c := &commandSource{format: r.oneOf(f.get("format"), asJSON, asJSON, asNDJSON, asCSV), env: r.pairs(f.get("env"), maxPairs), timeout: defaultTimeout}
	for _, a := range r.list(f.get("run"), maxArguments) {
		c.run = append(c.run, r.argument(a))
	}
	if len(c.run) == 0 {
		r.fail(f.get("run"), "must name a program")
	}
	for _, p := range c.env {
		if p.name == "" || strings.ContainsAny(p.name, "=\x00") {
			r.fail(f.get("env"), "`%s` is no name of a variable", document.Clip(p.name, 60))
		}
	}
	if t := r.text(f.get("timeout")); t != "" {
		d, err := time.ParseDuration(t)
		if err != nil || d < time.Second || d > time.Hour {
			r.fail(f.get("timeout"), "must be a time from 1s to 1h, such as 60s")
		}
		c.timeout = d
	}
	c.items = r.jsonItems(items, c.format)
	return c
}

// argument is a template for the arguments of a program.
func (r *reader) argument(f field) template {
	t := r.template(f)
	for _, p := range t.parts {
		for _, i := range r.inputs {
			if i.Secret && i.Name == p.input {
				r.fail(f, "a secret here could be seen in the list of processes: give it to the program in `env`")
			}
		}
	}
	return t
}

// jsonItems is the expression that finds items, which only JSON needs.
func (r *reader) jsonItems(f field, format string) *jq.Code {
	if !f.absent() && format != asJSON {
		r.fail(f, "goes with the format json: of %s every row is an item", format)
	}
	return r.expression(f)
}

func (r *reader) fileSource(f, items field) *fileSource {
	if !r.mapping(f, "path", "format", "s3") {
		return nil
	}
	s := &fileSource{path: r.neededTemplate(f.get("path")), format: r.oneOf(f.get("format"), "", asJSON, asNDJSON, asCSV, asParquet)}
	if at := f.get("s3"); !at.absent() && r.mapping(at, "endpoint", "region", "accessKey", "secretKey") {
		s.s3 = &s3Source{endpoint: r.template(at.get("endpoint")), region: r.template(at.get("region")),
			accessKey: r.template(at.get("accessKey")), secretKey: r.template(at.get("secretKey"))}
	}
	s.items = r.jsonItems(items, s.format)
	return s
}

func (r *reader) osquerySource(f field) *osquerySource {
	if !r.mapping(f, "query", "results") {
		return nil
	}
	s := &osquerySource{query: r.argument(f.get("query")), results: r.template(f.get("results"))}
	if s.query.empty() == s.results.empty() {
		r.fail(f, "must have either `query` or `results`")
	}
	if len(s.query.parts) > 0 && strings.HasPrefix(strings.TrimSpace(s.query.parts[0].text), "-") {
		r.fail(f.get("query"), "must be a statement")
	}
	return s
}
