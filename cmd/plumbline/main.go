// Command plumbline is the server and the command line.
package main

import (
	"os"

	"github.com/plumbline-dev/plumbline/internal/cli"
)

func main() { os.Exit(cli.Main()) }
