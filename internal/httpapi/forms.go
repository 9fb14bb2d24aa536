package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

const (
	multipartForm = "multipart/form-data"
	// maxFields is how many parts a form has.
	maxFields = 5000
)

// fields says how the parts of a form become the JSON that they stand for: those
// of lists may be repeated, be written name[], or be a JSON array; those of
// texts are taken as they are.
type fields struct{ texts, lists []string }

var controlForm = fields{texts: []string{"name", "description", "code", "question", "activity"},
	lists: []string{"requirementIds", "testIds", "reportIds", "policyIds", "ownersIds", "customFields", "externalEvidence", "externalEvidenceMetadata", "base64Files"}}

// formBody turns a body that is a form into JSON. Fields that the form does not
// know are ignored, as unknown properties are; a file is refused.
func (c *call) formBody(f fields) error {
	media, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || media != multipartForm {
		return nil
	}
	texts, lists := map[string]string{}, map[string][]json.RawMessage{}
	r := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	for n := 0; ; n++ {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || n == maxFields {
			return fault.New(fault.CodeValidation, "the body is not a whole form of at most %d parts, although `Content-Type` says so", maxFields)
		}
		name := strings.TrimSuffix(part.FormName(), "[]")
		if part.FileName() != "" {
			return fault.New(fault.CodeValidation, "`%s` is a file: evidence is not kept yet", cutText(name, 80))
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return fault.New(fault.CodeValidation, "`%s` is not whole", cutText(name, 80))
		}
		switch {
		case slices.Contains(f.texts, name):
			if _, twice := texts[name]; twice {
				return fault.New(fault.CodeValidation, "`%s` comes twice", name)
			}
			if !storable(string(value)) {
				return fault.New(fault.CodeValidation, "`%s` is not UTF-8 text", name)
			}
			texts[name] = string(value)
		case slices.Contains(f.lists, name):
			items, err := formItems(value)
			if err != nil {
				return fault.New(fault.CodeValidation, "`%s` is %q; it must be a number or a JSON array", name, cutText(string(value), 80))
			}
			lists[name] = append(lists[name], items...)
		}
	}
	all := map[string]any{}
	for name, v := range texts {
		all[name] = v
	}
	for name, v := range lists {
		all[name] = v
	}
	c.body, err = encode(all)
	return err
}

// formItems are the items of one field of a list.
func formItems(value []byte) ([]json.RawMessage, error) {
	value = bytes.TrimSpace(value)
	if len(value) == 0 {
		return nil, nil
	}
	if value[0] == '[' {
		var items []json.RawMessage
		err := json.Unmarshal(value, &items)
		return items, err
	}
	if !json.Valid(value) {
		return nil, errors.New("not JSON")
	}
	return []json.RawMessage{value}, nil
}
