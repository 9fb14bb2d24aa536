// Package pdftest reads back what package pdf wrote, for tests.
package pdftest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
)

var (
	stream = regexp.MustCompile(`(?s)/Length (\d+)>>\nstream\n(.*?)\nendstream`)
	shown  = regexp.MustCompile(`(?s)\(((?:[^\\()]|\\.)*)\) Tj`)
	escape = strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r")
)

// Lines are the texts of a document in the order in which they were written, page
// by page, each line by itself.
func Lines(t testing.TB, file []byte) []string {
	t.Helper()
	if !bytes.HasPrefix(file, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(file), []byte("%%EOF")) {
		t.Fatalf("that is no PDF: %.40q", file)
	}
	var lines []string
	for _, s := range stream.FindAllSubmatch(file, -1) {
		unpacked, err := zlib.NewReader(bytes.NewReader(s[2]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(unpacked)
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range shown.FindAllSubmatch(content, -1) {
			raw := []byte(escape.Replace(string(each[1])))
			units := make([]uint16, len(raw)/2)
			for i := range units {
				units[i] = binary.BigEndian.Uint16(raw[2*i:])
			}
			lines = append(lines, string(utf16.Decode(units)))
		}
	}
	return lines
}
