package access

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Limits of what describes an organisation and its workspaces.
const (
	MaxWorkspaces = 500
	maxName       = 191
	maxText       = 30_000
	maxURL        = 2048
	maxDomain     = 253
)

// WorkspaceChange is what may change of a workspace, and what a new one is made
// of; nil leaves a field as it is.
type WorkspaceChange struct{ Name, Description, URL *string }

// CompanyChange is what may change of the organisation; nil leaves it.
type CompanyChange struct{ Name, Domain, LegalName, Description *string }

func wrongField(field, text string, args ...any) error {
	err := fault.New(fault.CodeValidation, "`"+field+"` (/"+field+") "+text, args...)
	err.Pointer = "/" + field
	return err
}

// putText sets a text of one line, or of several with lines.
func putText(field string, from, to *string, low, high int, lines bool) error {
	if from == nil {
		return nil
	}
	text := strings.TrimSpace(*from)
	if n := utf8.RuneCountInString(text); n < low || n > high {
		return wrongField(field, "must have %d to %d characters", low, high)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !(lines && (r == '\n' || r == '\r' || r == '\t')) }) {
		return wrongField(field, "has control characters")
	}
	*to = text
	return nil
}

var domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (c WorkspaceChange) apply(w *Workspace) error {
	if err := putText("name", c.Name, &w.Name, 1, maxName, false); err != nil {
		return err
	}
	if err := putText("description", c.Description, &w.Description, 0, maxText, true); err != nil {
		return err
	}
	if err := putText("url", c.URL, &w.URL, 0, maxURL, false); err != nil {
		return err
	}
	if u, err := url.Parse(w.URL); w.URL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil) {
		return wrongField("url", "must be an address that begins with https://")
	}
	return nil
}

// CreateWorkspace makes a workspace; its name is one in the organisation.
func (s *Service) CreateWorkspace(ctx context.Context, a event.Actor, c WorkspaceChange) (Workspace, error) {
	now := s.now()
	w := Workspace{CreatedAt: now, UpdatedAt: now}
	if c.Name == nil {
		c.Name = new(string)
	}
	if err := c.apply(&w); err != nil {
		return Workspace{}, err
	}
	return s.store.CreateWorkspace(ctx, w, MaxWorkspaces, event.New(a, now, event.WorkspaceCreated, event.CategoryCompany, "Workspace “"+w.Name+"” was created", map[string]any{"name": w.Name}))
}

// UpdateWorkspace changes a workspace.
func (s *Service) UpdateWorkspace(ctx context.Context, a event.Actor, id int64, c WorkspaceChange) (Workspace, error) {
	return s.store.ChangeWorkspace(ctx, id, func(w *Workspace) (event.Event, error) {
		was := w.Name
		if err := c.apply(w); err != nil {
			return event.Event{}, err
		}
		w.UpdatedAt = s.now()
		e := event.New(a, w.UpdatedAt, event.WorkspaceUpdated, event.CategoryCompany, "Workspace “"+w.Name+"” was changed", map[string]any{"name": w.Name, "nameBefore": was})
		e.WorkspaceID = id
		return e, nil
	})
}

// UpdateCompany changes what is said of the organisation.
func (s *Service) UpdateCompany(ctx context.Context, a event.Actor, c CompanyChange) (Company, error) {
	return s.store.ChangeCompany(ctx, func(to *Company) (event.Event, error) {
		if c.Domain != nil {
			domain := strings.ToLower(strings.TrimSpace(*c.Domain))
			if len(domain) > maxDomain || !domainForm.MatchString(domain) {
				return event.Event{}, wrongField("domain", "must be a domain such as example.com")
			}
			to.Domain = domain
		}
		for _, err := range []error{putText("name", c.Name, &to.Name, 1, maxName, false), putText("legalName", c.LegalName, &to.LegalName, 0, maxName, false),
			putText("description", c.Description, &to.Description, 0, maxText, true)} {
			if err != nil {
				return event.Event{}, err
			}
		}
		to.UpdatedAt = s.now()
		return event.New(a, to.UpdatedAt, event.OrganisationUpdated, event.CategoryCompany, "The organisation's name and description were changed",
			map[string]any{"name": to.Name, "domain": to.Domain, "legalName": to.LegalName}), nil
	})
}
