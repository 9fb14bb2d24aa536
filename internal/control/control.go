// Package control holds frameworks with their requirements, the controls that
// meet them, what is mapped to what, and whether it is ready: a roll-up of the
// verdicts of tests.
package control

import (
	"context"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Limits of what a workspace holds and a call carries.
const (
	MaxFrameworks   = 200
	MaxRequirements = 5000
	MaxControls     = 10_000
	// MaxMapped bounds the list of ids that one object is mapped to.
	MaxMapped = 1000
	// MaxCreated is how many requirements one call creates.
	MaxCreated = 1000
	// MaxCompared is how many controls one comparison takes, MaxReset how many
	// one reset.
	MaxCompared = 300
	MaxReset    = 100
	// MaxOwners is how many people own a control.
	MaxOwners = 50
	// MaxNotes is how many notes a control has.
	MaxNotes = 1000
)

// Framework is a set of requirements that a workspace wants to meet.
type Framework struct {
	ID          int64
	WorkspaceID int64
	// Slug is its name in addresses, one in the workspace.
	Slug        string
	Tag         Tag
	Name        string
	ShortName   string
	Pill        string
	Description string
	// Color and BgColor are #RRGGBB.
	Color   string
	BgColor string
	Enabled bool
	// Source and Licence tell where shipped content comes from and why it may be
	// shipped.
	Source  string
	Licence string
	// Shipped is the digest of the content that was installed last, empty for a
	// framework of the workspace's own.
	Shipped string
	// Edited keeps newer shipped content from replacing the texts.
	Edited    bool
	CreatedAt time.Time
	UpdatedAt time.Time

	// Counts are filled by the service.
	Counts Counts
}

// Requirement is one thing that a framework demands.
type Requirement struct {
	ID          int64
	FrameworkID int64
	// Code is its identifier, one in the framework.
	Code           string
	Name           string
	Description    string
	Category       string
	AdditionalInfo string
	// InScope is false when the requirement does not apply; Rationale says why.
	InScope   bool
	Rationale string
	Edited    bool
	CreatedAt time.Time
	UpdatedAt time.Time

	// Framework, Controls, Ready and Lack are filled by the service.
	Framework Framework
	Controls  []Control
	Ready     bool
	// Lack is why it is not ready, as a sentence; empty if it is ready or out of
	// scope.
	Lack string
}

// Control is what an organisation does to meet requirements.
type Control struct {
	ID          int64
	WorkspaceID int64
	// Code is its identifier, one in the workspace.
	Code        string
	Name        string
	Slug        string
	Description string
	Question    string
	Activity    string
	// ArchivedAt is when the control was marked out of scope, zero while it is
	// in scope; Rationale says why.
	ArchivedAt time.Time
	Rationale  string
	// TemplateID is the number of the shipped control that it was made from, 0
	// for one of the workspace's own.
	TemplateID int64
	Edited     bool
	CreatedAt  time.Time
	UpdatedAt  time.Time

	// Owners are the ids of the people who own it.
	Owners []int64

	// Standing is filled by the service, Requirements when they are asked for.
	Standing     Standing
	Requirements []Requirement
}

// Position is the control's place in a list of that order.
func (c Control) Position(s page.Sort) page.Position {
	switch s {
	case page.UpdatedAt:
		return page.Position{Value: c.UpdatedAt.UnixMicro(), ID: c.ID}
	case page.Code:
		return page.Position{Text: c.Code, ID: c.ID}
	case page.Name:
		return page.Position{Text: c.Name, ID: c.ID}
	}
	return page.Position{Value: c.CreatedAt.UnixMicro(), ID: c.ID}
}

// InScope is false for a control that is marked out of scope.
func (c Control) InScope() bool { return c.ArchivedAt.IsZero() }

// Note is a remark of somebody on a control.
type Note struct {
	ID        int64
	ControlID int64
	Comment   string
	// KeyID and UserID are the key or the person who wrote it last, 0 if none did.
	KeyID     int64
	UserID    int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Ref names a control of a workspace by its id, or else by its code.
type Ref struct {
	WorkspaceID int64
	ID          int64
	Code        string
}

// Links are what an object is mapped to; nil leaves a mapping as it is.
type Links struct {
	// Requirements are ids, Tests numbers of tests (`testId`), Controls ids.
	Requirements *[]int64
	Tests        *[]int64
	Controls     *[]int64
	// Owners are ids of users.
	Owners *[]int64
}

// FrameworkFilter narrows a list of frameworks; zero fields do not.
type FrameworkFilter struct {
	// Name is a part of the name, in any case.
	Name           string
	Exclude        []int64
	Ready, Enabled *bool
}

// RequirementFilter narrows a list of requirements; zero fields do not.
type RequirementFilter struct {
	WorkspaceID int64
	FrameworkID int64
	ControlID   int64
	Tags        []string
	Slug        string
	// Exclude are ids of requirements.
	Exclude []int64
	// Search is a part of the code, the name, the category or the description,
	// in any case.
	Search  string
	InScope *bool
	// Ready looks at the verdicts of this moment.
	Ready *bool
}

// Position is the requirement's place in a list of that order.
func (r Requirement) Position(s page.Sort) page.Position {
	switch s {
	case page.UpdatedAt:
		return page.Position{Value: r.UpdatedAt.UnixMicro(), ID: r.ID}
	case page.Code:
		return page.Position{Text: r.Code, ID: r.ID}
	}
	return page.Position{Value: r.CreatedAt.UnixMicro(), ID: r.ID}
}

// ControlFilter narrows a list of controls; zero fields do not.
type ControlFilter struct {
	RequirementID int64
	FrameworkID   int64
	// Search is a part of the code, the name or the description, in any case.
	Search string
	// Tested keeps those that a test is mapped to, of whatever status; Monitored keeps those with a published, enabled test; Enabled those that a
	// requirement of an enabled framework is mapped to.
	Tested, Monitored, Enabled, Archived *bool
	// Ready and Passing look at the verdicts of this moment.
	Ready, Passing *bool
	// Owners keeps those that one of these people owns, Owned those with any owner.
	Owners []int64
	Owned  *bool
	// Nothing is true for a filter that no control can match.
	Nothing bool
}

// Mapping is a part of the mapping of a workspace as of one moment, with what
// readiness needs of it.
type Mapping struct {
	Frameworks   map[int64]Framework
	Requirements map[int64]Requirement
	Controls     map[int64]Control
	// Links are the pairs of requirements and controls, by their codes.
	Links []Link
	// Tests are those of each control by the control's id, in order of number.
	Tests map[int64][]check.Test
}

// Link is one control that serves one requirement.
type Link struct {
	RequirementID int64
	ControlID     int64
}

// Item is a requirement to be created, with the controls it is mapped to.
type Item struct {
	Requirement Requirement
	// Controls are ids, ControlCodes codes of controls of the workspace.
	Controls     []int64
	ControlCodes []string
	// At is the place of the item in the input, for refusals.
	At string
}

// Delta is what an installation did.
type Delta struct {
	Framework           Framework
	RequirementsCreated int
	RequirementsUpdated int
	ControlsCreated     int
	ControlsUpdated     int
	MappingsCreated     int
}

// Nothing reports whether nothing was to be done.
func (d Delta) Nothing() bool {
	return d.RequirementsCreated+d.RequirementsUpdated+d.ControlsCreated+d.ControlsUpdated+d.MappingsCreated == 0
}

// Store keeps frameworks, requirements and controls. An object that is absent,
// or of another workspace, is a NotFound.
type Store interface {
	// Frameworks reads all of the workspaces, each of which must exist, oldest
	// first.
	Frameworks(ctx context.Context, workspaceIDs ...int64) ([]Framework, error)
	Framework(ctx context.Context, workspaceID, id int64) (Framework, error)
	// CreateFramework stores a framework with its first requirements. A slug that
	// is taken gets a number; a name that is taken is a CodeDuplicateName.
	CreateFramework(ctx context.Context, f Framework, items []Item, e func(Framework) event.Event) (Framework, error)
	// UpdateFramework stores what change makes of a framework that nobody else
	// changes meanwhile; here and below, change may be called more than once.
	UpdateFramework(ctx context.Context, workspaceID, id int64, change func(*Framework) (event.Event, error)) (Framework, error)
	// DeleteFramework deletes one with its requirements and their mapping.
	DeleteFramework(ctx context.Context, workspaceID, id int64, e func(Framework) event.Event) error
	// Install brings shipped content into a workspace: what is absent is made,
	// what is older and was not edited is brought up to date. e is not called if
	// there was nothing to do.
	Install(ctx context.Context, workspaceID int64, b Bundle, at time.Time, e func(Delta) event.Event) (Delta, error)

	Requirements(ctx context.Context, f RequirementFilter, r page.Request) (page.Page[Requirement], error)
	// Requirement reads one; workspace and framework 0 stand for any.
	Requirement(ctx context.Context, workspaceID, frameworkID, id int64) (Requirement, error)
	// CreateRequirements stores all items or none. What is wrong with one is a
	// CodeUnprocessable that names its place.
	CreateRequirements(ctx context.Context, workspaceID, frameworkID int64, items []Item, e event.Event) ([]Requirement, error)
	// UpdateRequirement stores what change makes of a requirement, with its
	// mapping; workspace and framework 0 stand for any.
	UpdateRequirement(ctx context.Context, workspaceID, frameworkID, id int64, change func(*Requirement) (Links, event.Event, error)) (Requirement, error)
	// DeleteRequirement deletes one with its mapping, unless e refuses.
	DeleteRequirement(ctx context.Context, workspaceID, frameworkID, id int64, e func(Requirement) (event.Event, error)) error

	Controls(ctx context.Context, workspaceID int64, f ControlFilter, r page.Request) (page.Page[Control], error)
	Control(ctx context.Context, ref Ref) (Control, error)
	// ControlsByCode reads those of some codes that exist.
	ControlsByCode(ctx context.Context, workspaceID int64, codes []string) (map[string]Control, error)
	// BringControls makes those of some shipped controls that a workspace lacks.
	// e is not called if it lacks none.
	BringControls(ctx context.Context, workspaceID int64, list []BundledControl, at time.Time, e func(created int) event.Event) error
	// CreateControl stores a control. A code that is taken is a
	// CodeDuplicateName.
	CreateControl(ctx context.Context, c Control, l Links, e func(Control) event.Event) (Control, error)
	// UpdateControl stores what change makes of a control, with its mapping.
	UpdateControl(ctx context.Context, ref Ref, change func(*Control) (Links, event.Event, error)) (Control, error)
	// ResetMapping maps a control to the requirements that the shipped content
	// names.
	ResetMapping(ctx context.Context, controlID int64, e func(Control) (event.Event, error)) error
	// ShippedMapping is Mapping by controls, of what the shipped content maps.
	ShippedMapping(ctx context.Context, controlIDs []int64) (Mapping, error)

	// FrameworkMapping reads what is mapped to the requirements of frameworks:
	// requirements, controls with ids and scope only, and tests.
	FrameworkMapping(ctx context.Context, frameworkIDs []int64) (Mapping, error)
	// RequirementMapping reads what is mapped to requirements: controls, tests
	// and the frameworks of the requirements.
	RequirementMapping(ctx context.Context, requirements []Requirement) (Mapping, error)
	// ControlMapping reads what controls are mapped to; without requirements only
	// the tests.
	ControlMapping(ctx context.Context, controlIDs []int64, requirements bool) (Mapping, error)
	// TestMapping reads the controls of tests, which are given by their ids, by
	// code, and the tests of these controls.
	TestMapping(ctx context.Context, testIDs []int64) (controls map[int64][]Control, m Mapping, err error)

	Notes(ctx context.Context, controlID int64, r page.Request) (page.Page[Note], error)
	Note(ctx context.Context, controlID, id int64) (Note, error)
	CreateNote(ctx context.Context, n Note, e event.Event) (Note, error)
	UpdateNote(ctx context.Context, n Note, e event.Event) (Note, error)
	DeleteNote(ctx context.Context, controlID, id int64, e event.Event) error
}

// Tag names a framework among those that people know (contract section 2.8).
type Tag string

// The tags that stand for no framework in particular.
const (
	TagCustom Tag = "CUSTOM"
	TagNone   Tag = "NONE"
	TagAll    Tag = "ALL"
)

// Tags lists every tag of the contract.
var Tags = []string{"CUSTOM", "NONE", "SOC_2", "ISO27001", "CCPA", "GDPR", "HIPAA", "PCI", "SCF", "NIST80053", "NISTCSF", "CMMC", "NIST800171",
	"MSSSPA", "FFIEC", "ISO27701", "COBIT", "SOX_ITGC", "ISO270012022", "CCM", "CYBER_ESSENTIALS", "ISO270172015", "ISO270182019", "FEDRAMP",
	"NISTAI", "PCI4", "NISTCSF2", "NIS2", "DORA", "ISO420012023", "DRATA_ESSENTIALS", "NIST800171R3", "CIS8", "CYBER_ESSENTIALS_32", "FEDRAMP20X",
	"HITRUST", "MSSSPA11", "ESSENTIAL_EIGHT", "NYDFS", "TISAX", "ISO270182025", "CCPA2026", "ISO277012025", "CPS230", "CYFUN", "AIUC_1", "ALL"}
