package command

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/config"
)

// Opened opens what works on the data of a server itself, by the command's
// settings, does something with it, and closes it.
func Opened[T io.Closer](cmd *cobra.Command, env Env, open func(context.Context, config.Config) (T, error), do func(context.Context, T) error) (err error) {
	c, err := config.Load(cmd.Flags(), env.Environ)
	if err != nil {
		return &Failure{Code: ExitUsage, Err: err}
	}
	opened, err := open(cmd.Context(), c)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := opened.Close(); err == nil {
			err = cerr
		}
	}()
	return do(cmd.Context(), opened)
}
