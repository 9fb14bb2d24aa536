package documents

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

func download(env command.Env) *cobra.Command {
	var to string
	var force bool
	cmd := &cobra.Command{
		Use:   "download HOLDER ID",
		Short: "Fetch a document into a file",
		Example: `  plumbline documents download 41 3
  plumbline documents download 41 3 --to - | sha256sum`,
		Args: cobra.ExactArgs(2),
	}
	cmd.Flags().StringVar(&to, "to", "", "file to write, or - for standard output (default: its own name, in this folder)")
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := number(args[1])
		if err != nil {
			return err
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		of, err := holder(cmd.Context(), c, args[0])
		if err != nil {
			return err
		}
		fetch := func(w io.Writer) error { return c.DownloadDocument(cmd.Context(), of, id, w) }
		if to == "-" {
			return fetch(env.Out)
		}
		d, err := c.Document(cmd.Context(), of, id)
		if err != nil {
			return err
		}
		if to == "" {
			if to, err = ownName(d); err != nil {
				return err
			}
		}
		if err := save(to, force, fetch); err != nil {
			return err
		}
		result := struct {
			client.Document
			File string `json:"file"`
		}{d, to}
		return out.Write(env.Out, result, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Document %d is in %s.\n", id, command.Plain(to))
			return err
		})
	}
	return cmd
}

// ownName is the name that a document brings, as that of a file in this folder.
func ownName(d client.Document) (string, error) {
	name := d.Name
	if name == "" || strings.HasPrefix(name, ".") || strings.ContainsAny(name, `/\:`) || command.Plain(name) != name {
		return "", fmt.Errorf("document %d is called %q, which cannot be the name of a file here: give one with --to", d.ID, name)
	}
	return name, nil
}

// save writes a file whole or not at all.
func save(name string, force bool, write func(io.Writer) error) (err error) {
	if _, err := os.Lstat(name); err == nil && !force {
		return fmt.Errorf("%s is there already: give another name with --to, or --force", name)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".plumbline-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	err = write(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	return err
}
