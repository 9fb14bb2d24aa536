package command

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// Confirmed asks a question that only yes answers.
func Confirmed(in io.Reader, out io.Writer) (bool, error) {
	if _, err := io.WriteString(out, "Do this? Only yes is taken for a yes: "); err != nil {
		return false, err
	}
	line, err := bufio.NewReader(io.LimitReader(in, 1000)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return strings.EqualFold(strings.TrimSpace(line), "yes"), nil
}
