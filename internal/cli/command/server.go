package command

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
)

// Variables that name the server and the key.
const (
	urlEnv = "PLUMBLINE_URL"
	keyEnv = "PLUMBLINE_API_KEY"
)

const defaultURL = "http://127.0.0.1:8080"

// Server is the server that a command talks to.
type Server struct{ url, key string }

// AddServer adds --url and --key to a command.
func AddServer(cmd *cobra.Command) *Server {
	s := &Server{}
	cmd.Flags().StringVar(&s.url, "url", "", "address of the server [$"+urlEnv+"] (default "+defaultURL+")")
	cmd.Flags().StringVar(&s.key, "key", "", "API key; the variable keeps it out of the list of processes [$"+keyEnv+"]")
	return s
}

// Client makes a client for the server. Retries are told on standard error.
func (s *Server) Client(env Env) (*client.Client, error) {
	url, key := s.Named(env)
	if key == "" {
		return nil, Usagef("no API key: give one with --key or %s (`plumbline keys create` makes one)", keyEnv)
	}
	c, err := client.New(url, key, client.Options{UserAgent: "plumbline/" + env.Version, OnRetry: func(r client.Retry) {
		_, _ = fmt.Fprintf(env.Err, "plumbline: %v; trying again in %s\n", r.Err, r.Wait.Round(100*time.Millisecond))
	}})
	if err != nil {
		return nil, &Failure{Code: ExitUsage, Err: err}
	}
	return c, nil
}

// One is the run of a command about one object, which its first argument names.
func One[K any](env Env, s *Server, named func(text string) (K, error), do func(ctx context.Context, c *client.Client, which K) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		which, err := named(args[0])
		if err != nil {
			return err
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		return do(cmd.Context(), c, which)
	}
}

// Shown makes cmd one that gets an object, which its first argument names, and
// writes it.
func Shown[K, T any](env Env, cmd *cobra.Command, named func(text string) (K, error), get func(*client.Client, context.Context, K) (T, error),
	write func(Env, *Output, T) error) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	s, out := AddServer(cmd), AddOutput(cmd)
	cmd.RunE = One(env, s, named, func(ctx context.Context, c *client.Client, which K) error {
		found, err := get(c, ctx, which)
		if err != nil {
			return err
		}
		return write(env, out, found)
	})
	return cmd
}

// Named is the address of the server and the key; the key may be empty.
func (s *Server) Named(env Env) (url, key string) {
	return cmp.Or(s.url, env.Getenv(urlEnv), defaultURL), cmp.Or(s.key, env.Getenv(keyEnv))
}
