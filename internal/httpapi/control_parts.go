package httpapi

import (
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/control"
)

func (a *api) listControlRequirements(c *call) (answer, error) {
	ref, err := c.controlRef()
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	f, err := c.requirementFilter()
	if err != nil {
		return answer{}, err
	}
	found, err := a.Controls.Get(c.ctx(), ref)
	if err != nil {
		return answer{}, err
	}
	f.WorkspaceID, f.ControlID = ref.WorkspaceID, found.ID
	return a.requirementList(c, f, r)
}

type wireNote struct {
	ID        int64     `json:"id"`
	ControlID int64     `json:"controlId"`
	Comment   string    `json:"comment"`
	KeyID     *int64    `json:"keyId" doc:"The API key that wrote it last."`
	Author    wireActor `json:"author"`
	CreatedAt wireTime  `json:"createdAt"`
	UpdatedAt wireTime  `json:"updatedAt"`
}

func (a *api) noteViews(c *call, notes ...control.Note) ([]wireNote, error) {
	who, out := make([]author, len(notes)), make([]wireNote, len(notes))
	for i, n := range notes {
		who[i] = author{n.KeyID, n.UserID}
	}
	names, err := a.names(c, who)
	if err != nil {
		return nil, err
	}
	for i, n := range notes {
		out[i] = noteView(n)
		out[i].Author = names.of(who[i])
	}
	return out, nil
}

func (a *api) noteAnswer(c *call, status int, n control.Note) (answer, error) {
	views, err := a.noteViews(c, n)
	if err != nil {
		return answer{}, err
	}
	return reply(status, views[0])
}

func noteView(n control.Note) wireNote {
	return wireNote{ID: n.ID, ControlID: n.ControlID, Comment: n.Comment, KeyID: orNull(n.KeyID), CreatedAt: wireTime(n.CreatedAt), UpdatedAt: wireTime(n.UpdatedAt)}
}

// noteText is what a note is created from or changed to.
type noteText struct {
	_       struct{} `additionalProperties:"true"`
	Comment string   `json:"comment" minLength:"1" maxLength:"30000"`
}

func (a *api) listNotes(c *call) (answer, error) {
	ref, err := c.controlRef()
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Controls.Notes(c.ctx(), ref, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.noteViews(c, p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wireNote]{views, paginationOf(p.Next, p.Total)})
}

func (a *api) createNote(c *call) (answer, error) {
	ref, err := c.controlRef()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[noteText](c)
	if err != nil {
		return answer{}, err
	}
	n, err := a.Controls.CreateNote(c.ctx(), c.actor(), ref, body.Comment)
	if err != nil {
		return answer{}, err
	}
	return a.noteAnswer(c, http.StatusCreated, n)
}

// noteRef is the control and the note of the path.
func (c *call) noteRef() (control.Ref, int64, error) {
	ref, err := c.controlRef()
	if err != nil {
		return ref, 0, err
	}
	id, err := c.number("noteId")
	return ref, id, err
}

func (a *api) getNote(c *call) (answer, error) {
	ref, id, err := c.noteRef()
	if err != nil {
		return answer{}, err
	}
	n, err := a.Controls.Note(c.ctx(), ref, id)
	if err != nil {
		return answer{}, err
	}
	return a.noteAnswer(c, http.StatusOK, n)
}

func (a *api) putNote(c *call) (answer, error) {
	ref, id, err := c.noteRef()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[noteText](c)
	if err != nil {
		return answer{}, err
	}
	n, err := a.Controls.UpdateNote(c.ctx(), c.actor(), ref, id, body.Comment)
	if err != nil {
		return answer{}, err
	}
	return a.noteAnswer(c, http.StatusOK, n)
}

func (a *api) deleteNote(c *call) (answer, error) {
	ref, id, err := c.noteRef()
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Controls.DeleteNote(c.ctx(), c.actor(), ref, id)
}
