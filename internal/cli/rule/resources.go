package rule

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/cli/records"
	engine "github.com/plumbline-dev/plumbline/rule"
)

// answers provides the machine with the values that its program asks of other
// resources. given is a list of NAME=FILE.
func answers(ctx context.Context, m *engine.Machine, lookups []engine.Lookup, given []string, now time.Time) error {
	files := map[string]string{}
	for _, g := range given {
		name, file, ok := strings.Cut(g, "=")
		if !ok || name == "" || file == "" {
			return command.Usagef("--resource is %q: it must be the resource's name or number, =, and the file with its records", g)
		}
		if _, twice := files[name]; twice {
			return command.Usagef("--resource %s is given twice", name)
		}
		files[name] = file
	}
	asked := map[string][]*engine.Values{}
	for i, l := range lookups {
		name := l.Resource
		if name == "" {
			name = strconv.FormatInt(l.ResourceID, 10)
		}
		if files[name] == "" {
			return command.Usagef("the rule asks the records of `%s`: give them with --resource %s=FILE", command.Plain(name), command.Plain(name))
		}
		values, err := engine.NewValues(l)
		if err != nil {
			return err
		}
		asked[name] = append(asked[name], values)
		m.Provide(i, values.Presence)
	}
	for name, file := range files {
		if asked[name] == nil {
			return command.Usagef("--resource %s: the rule does not ask for it", name)
		}
		err := each(ctx, file, func(text []byte) {
			for _, v := range asked[name] {
				v.Add(text, now)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// each reads the records of a file. Here every record counts, so the first that
// is none ends it.
func each(ctx context.Context, name string, do func(text []byte)) error {
	format, err := records.FormatOf(records.Auto, name)
	if err != nil {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("the records cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }()
	for e, err := range records.Each(ctx, func() (records.Source, error) { return records.Open(f, format, nil) }) {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if e.Err != nil {
			return fmt.Errorf("%s:%d: %w", name, e.Line, e.Err)
		}
		do(e.Text)
	}
	return ctx.Err()
}
