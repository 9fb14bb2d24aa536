package httpapi

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/pdf"
)

// decisionWords say a decision in a report.
var decisionWords = map[account.Decision]string{account.Pending: "not decided", account.Keep: "keep", account.Revoke: "revoke", account.Alter: "change"}

// revocationWords say what became of a decision to revoke.
var revocationWords = map[account.Revocation]string{account.RevocationOpen: "still there", account.RevocationRemoved: "gone from the data since",
	account.RevocationEvidenced: "evidence of", account.RevocationUntracked: "connection deleted"}

// getAccessReviewReport lays an access review out for people.
func (a *api) getAccessReviewReport(c *call) (answer, error) {
	workspaceID, id, err := c.numbers("workspaceId", "reviewId")
	if err != nil {
		return answer{}, err
	}
	r, err := a.Accounts.Review(c.ctx(), workspaceID, id)
	if err != nil {
		return answer{}, err
	}
	company, err := a.Access.Company(c.ctx())
	if err != nil {
		return answer{}, err
	}
	workspace, err := a.Access.Workspace(c.ctx(), workspaceID)
	if err != nil {
		return answer{}, err
	}
	views, err := a.reviewsView(c, []account.Review{r})
	if err != nil {
		return answer{}, err
	}
	now := a.Now()
	d := pdf.New("Access review: "+r.Name, fmt.Sprintf("%s · access review %d · generated at %s", company.Name, r.ID, printed(now)), now)
	d.Field("Organisation", company.Name)
	d.Field("Workspace", workspace.Name)
	printReview(d, r, views[0])
	if err := a.printItems(c, d, r); err != nil {
		return answer{}, err
	}
	var file bytes.Buffer
	if err := d.Write(&file); err != nil {
		return answer{}, err
	}
	ans := answer{status: http.StatusOK, body: file.Bytes(), media: "application/pdf"}
	ans.set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "access-review-" + strconv.FormatInt(r.ID, 10) + ".pdf"}))
	return ans, nil
}

func printReview(d *pdf.Document, r account.Review, w wireReview) {
	d.Field("Accounts as of", printed(r.CreatedAt))
	d.Field("Created by", w.CreatedBy.Name)
	if len(w.Reviewers) > 0 {
		names := make([]string, len(w.Reviewers))
		for i, each := range w.Reviewers {
			names[i] = each.Name
		}
		d.Field("Reviewers", strings.Join(names, ", "))
	}
	if !r.DueAt.IsZero() {
		d.Field("Due at", printed(r.DueAt))
	}
	p := r.Progress
	d.Field("Decisions", fmt.Sprintf("%d accounts: %d keep, %d revoke, %d change, %d not decided", p.Total, p.Keep, p.Revoke, p.Change, p.Pending))
	if p.Revoke > 0 {
		d.Field("Revocations", fmt.Sprintf("%d done, %d still there", p.Revoke-p.Open, p.Open))
	}
	if s := r.SignedOff; s != nil {
		d.Field("Signed off", printed(s.At)+" by "+w.SignOff.By.Name)
		if s.Note != "" {
			d.Field("Note", s.Note)
		}
	} else {
		d.Field("Signed off", "not yet")
	}
}

func (a *api) printItems(c *call, d *pdf.Document, r account.Review) error {
	d.Heading("Accounts")
	t := d.Table(pdf.Column{Name: "Account", Share: 3}, pdf.Column{Name: "System", Share: 1.8}, pdf.Column{Name: "Roles", Share: 2}, pdf.Column{Name: "Person", Share: 2},
		pdf.Column{Name: "Decision", Share: 2}, pdf.Column{Name: "By", Share: 2})
	var shown int64
	request := page.Request{Ascending: true, Size: page.MaxSize}
	for {
		p, err := a.Accounts.Items(c.ctx(), r.WorkspaceID, r.ID, account.ItemFilter{}, request)
		if err != nil {
			return err
		}
		items, err := a.reviewItemsView(c, p.Items)
		if err != nil {
			return err
		}
		for n, i := range p.Items {
			if shown >= maxPrinted || !t.Row(itemCells(i, items[n])...) {
				printMore(d, r.Progress.Total-shown)
				return nil
			}
			shown++
		}
		if p.Next == "" {
			return nil
		}
		if request, err = request.WithCursor(p.Next); err != nil {
			return err
		}
	}
}

func itemCells(i account.Item, w wireReviewItem) []string {
	name := i.Account.Name
	if e := i.Account.Email; e != "" && e != name {
		name += "\n" + e
	}
	person := "nobody"
	switch p := i.Account.Person; {
	case p != nil && p.Name != "":
		person = p.Name
	case p != nil:
		person = p.Email
	case i.Account.Service != nil:
		person = "service account of " + i.Account.Service.Owner
	}
	decision := decisionWords[i.Decision]
	if i.Note != "" {
		decision += "\n" + i.Note
	}
	if state, since := i.Revocation(); state != "" {
		decision += "\n" + revocationWords[state]
		if !since.IsZero() {
			decision += " " + printed(since)
		}
	}
	by := ""
	if w.DecidedBy != nil {
		by = w.DecidedBy.Name + "\n" + printed(i.DecidedAt)
	}
	return []string{name, i.Account.ConnectionName, strings.Join(i.Account.Roles, ", "), person, decision, by}
}
