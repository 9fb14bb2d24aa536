package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

const (
	fileFlag  = "config"
	fileEnv   = "PLUMBLINE_CONFIG"
	separator = "."
)

// AddFlags adds a flag for each of the named settings (for all of them when
// none is named) and --config for the file.
func AddFlags(fs *pflag.FlagSet, names ...string) {
	for _, s := range settings {
		if len(names) == 0 || slices.Contains(names, s.Name) {
			usage := s.Usage + " [$" + s.Env + "]"
			fs.String(s.Name, s.Default, usage)
			if s.Default == "false" {
				fs.Lookup(s.Name).NoOptDefVal = "true"
			}
		}
	}
	fs.String(fileFlag, "", "file with settings in YAML, the names as here without the dashes before them [$"+fileEnv+"]")
}

// Load reads the settings that [AddFlags] made flags for; the others keep
// their defaults. The environment is a list of NAME=value. An error is one
// sentence that names the setting and where it came from.
func Load(fs *pflag.FlagSet, environ []string) (Config, error) {
	var c Config
	path, err := filePath(fs, environ)
	if err != nil {
		return c, err
	}
	layers, err := read(fs, environ, path)
	if err != nil {
		return c, err
	}
	for _, s := range settings {
		value, origin := s.Default, "the default of "+s.Name
		if fs.Lookup(s.Name) != nil {
			for _, l := range layers {
				if !l.values.Exists(s.Name) {
					continue
				}
				if value, err = asText(l.values.Get(s.Name)); err != nil {
					return c, fmt.Errorf("%s: %w", l.origin(s), err)
				}
				origin = l.origin(s)
			}
		}
		if err := s.read(&c, value); err != nil {
			if s.Name == DatabaseURL || s.Name == MailPassword {
				return c, fmt.Errorf("%s: %w", origin, err)
			}
			return c, fmt.Errorf("%s is %q: %w", origin, value, err)
		}
	}
	return c, c.check()
}

func (c Config) check() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key go together: give both or neither")
	}
	if c.DataDir == "" && c.DatabaseURL == "" {
		return errors.New("--data is empty: name the folder of the embedded database")
	}
	if (c.MailHost == "") != (c.MailFrom == "") {
		return errors.New("--mail-host and --mail-from go together: give both or neither")
	}
	if c.MailUser != "" && c.MailPassword == "" {
		return errors.New("--mail-user needs --mail-password")
	}
	return nil
}

// layer is one place that settings come from.
type layer struct {
	values *koanf.Koanf
	origin func(Setting) string
}

// read gives the layers, the strongest last.
func read(fs *pflag.FlagSet, environ []string, path string) ([]layer, error) {
	var layers []layer
	add := func(p koanf.Provider, parser koanf.Parser, origin func(Setting) string) error {
		k := koanf.New(separator)
		if err := k.Load(p, parser); err != nil {
			return err
		}
		layers = append(layers, layer{k, origin})
		return nil
	}
	if path != "" {
		if err := add(file.Provider(path), yaml.Parser(), func(s Setting) string { return s.Name + " in " + path }); err != nil {
			return nil, fmt.Errorf("the settings file %s cannot be read: %w", path, fileFault(err))
		}
		if err := checkNames(layers[0].values, path); err != nil {
			return nil, err
		}
	}
	variables := env.Provider(separator, env.Opt{
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			for _, s := range settings {
				// An empty variable is how a shell or a container file says "not set".
				if s.Env == name && value != "" {
					return s.Name, value
				}
			}
			return "", nil
		},
	})
	if err := add(variables, nil, func(s Setting) string { return s.Env }); err != nil {
		return nil, err
	}
	flags := posflag.ProviderWithFlag(fs, separator, nil, func(f *pflag.Flag) (string, any) {
		for _, s := range settings {
			if s.Name == f.Name {
				return f.Name, f.Value.String()
			}
		}
		return "", nil
	})
	err := add(flags, nil, func(s Setting) string { return "--" + s.Name })
	return layers, err
}

func filePath(fs *pflag.FlagSet, environ []string) (string, error) {
	if f := fs.Lookup(fileFlag); f != nil && f.Changed {
		if f.Value.String() == "" {
			return "", errors.New("--config is empty: name the settings file")
		}
		return f.Value.String(), nil
	}
	for _, e := range environ {
		if value, ok := strings.CutPrefix(e, fileEnv+"="); ok {
			return value, nil
		}
	}
	return "", nil
}

func fileFault(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// checkNames refuses a file with a name that is no setting: a misspelt limit
// must not be a limit that is silently off.
func checkNames(k *koanf.Koanf, path string) error {
	for _, name := range k.Keys() {
		top, _, _ := strings.Cut(name, separator)
		if !slices.ContainsFunc(settings, func(s Setting) bool { return s.Name == top }) {
			return fmt.Errorf("%s has %q, which is no setting: see `plumbline serve --help` for the names", path, top)
		}
	}
	return nil
}

func asText(value any) (string, error) {
	switch v := value.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			part, err := asText(e)
			if err != nil {
				return "", err
			}
			parts[i] = part
		}
		return strings.Join(parts, ","), nil
	case map[string]any:
		return "", errors.New("it must be one value, not a group of values")
	case nil:
		return "", nil
	}
	return fmt.Sprint(value), nil
}
