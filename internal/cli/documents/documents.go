// Package documents is the command `plumbline documents`: files that prove a
// protection of a device, or of somebody without one.
package documents

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Command makes the command with its subcommands.
func Command(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "documents",
		Short: "Add documents as evidence to devices and people, list and fetch them",
		Long: `Add a file that proves a protection of a device, or of somebody who has none, for
a year; list, fetch and delete such documents.

HOLDER is the number of a device or of a person, who never share one, or the
address of a person.`,
	}
	return command.Group(cmd, list(env), upload(env), download(env), remove(env))
}

// holder is the number of whom or what an argument names.
func holder(ctx context.Context, c *client.Client, arg string) (int64, error) {
	who, err := command.Person(arg)
	if err != nil {
		return 0, command.Usagef("%q is neither the number of a device or a person, nor an address: `plumbline devices list` and `plumbline personnel list` show them", arg)
	}
	if id, err := strconv.ParseInt(who, 10, 64); err == nil {
		return id, nil
	}
	p, err := c.Person(ctx, who)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", arg, err)
	}
	return p.ID, nil
}

// kind is a type as the server writes it; evidence may be left out.
func kind(text string) string {
	const suffix = "_EVIDENCE"
	if text == "" {
		return ""
	}
	return strings.TrimSuffix(command.Word(text), suffix) + suffix
}

const kinds = "password-manager, hard-drive-encryption, antivirus, auto-updates or lock-screen"

func number(arg string) (int64, error) { return command.ID(arg, "a document", "documents list") }

type column = command.Column[client.Document]

func list(env command.Env) *cobra.Command {
	var of string
	cmd := &cobra.Command{
		Use:     "list HOLDER",
		Short:   "List the documents of a device or a person",
		Example: `  plumbline documents list 41 --type hard-drive-encryption`,
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&of, "type", "", "only those that prove this: "+kinds)
	s, out := command.AddServer(cmd), command.AddListOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		id, err := holder(cmd.Context(), c, args[0])
		if err != nil {
			return err
		}
		all, err := c.Documents(cmd.Context(), id, kind(of))
		if err != nil {
			return err
		}
		return command.List(env, out, command.Slice(all),
			column{Head: "ID", Cell: func(d client.Document) string { return strconv.FormatInt(d.ID, 10) }},
			column{Head: "TYPE", Cell: func(d client.Document) string { return strings.TrimSuffix(d.Type, "_EVIDENCE") }},
			column{Head: "NAME", Cell: func(d client.Document) string { return d.Name }, Wide: true},
			column{Head: "KB", Cell: func(d client.Document) string { return strconv.FormatInt((d.Size+1023)/1024, 10) }},
			column{Head: "ADDED", Cell: func(d client.Document) string { return command.Day(&d.CreatedAt, "") }},
			column{Head: "EXPIRES", Cell: func(d client.Document) string { return command.Day(&d.ExpiresAt, "") }})
	}
	return cmd
}

func upload(env command.Env) *cobra.Command {
	var of string
	cmd := &cobra.Command{
		Use:   "upload HOLDER FILE",
		Short: "Add a document; it proves its protection for a year",
		Long: `Add a document: a PDF, an image or an office document of 25 MB at most. What it
is, is decided by its content.`,
		Example: `  plumbline documents upload 41 disk.png --type hard-drive-encryption
  plumbline documents upload ada@example.com antivirus.pdf --type antivirus`,
		Args: cobra.ExactArgs(2),
	}
	cmd.Flags().StringVar(&of, "type", "", "what it proves: "+kinds+" (required)")
	_ = cmd.MarkFlagRequired("type")
	s, out := command.AddServer(cmd), command.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if args[1] == "-" {
			return command.Usagef("a document has a name: give a file, not standard input")
		}
		content, err := env.ReadFile(args[1], client.MaxDocumentBytes)
		if err != nil {
			return err
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		id, err := holder(cmd.Context(), c, args[0])
		if err != nil {
			return err
		}
		d, err := c.AddDocument(cmd.Context(), id, client.NewDocument{Type: kind(of), Name: filepath.Base(args[1]), Content: content})
		if err != nil {
			return err
		}
		return out.Write(env.Out, d, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Document %d (%s) proves %s until %s.\n", d.ID, command.OneLine(d.Name), strings.TrimSuffix(d.Type, "_EVIDENCE"), command.Day(&d.ExpiresAt, ""))
			return err
		})
	}
	return cmd
}

func remove(env command.Env) *cobra.Command {
	cmd := &cobra.Command{Use: "delete HOLDER ID", Short: "Delete a document; what it proved it proves no more", Args: cobra.ExactArgs(2)}
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
		if err := c.DeleteDocument(cmd.Context(), of, id); err != nil {
			return err
		}
		return command.Deleted(env, out, id, fmt.Sprintf("Document %d is deleted.", id))
	}
	return cmd
}
