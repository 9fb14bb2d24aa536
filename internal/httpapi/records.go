package httpapi

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// wireRecord is a record as it is read. Its fields describe what
// [appendRecord] writes.
type wireRecord struct {
	ID         string     `json:"id"`
	Attributes wireObject `json:"attributes" doc:"The record, with every value as it was sent."`
	SessionID  *string    `json:"sessionId" doc:"The session that the record belongs to."`
	CreatedAt  wireTime   `json:"createdAt"`
	UpdatedAt  wireTime   `json:"updatedAt"`
}

// wireWritten is the reply to one written record; see [replyWriter.single].
type wireWritten struct {
	ID         string     `json:"id"`
	CreatedAt  wireTime   `json:"createdAt"`
	UpdatedAt  wireTime   `json:"updatedAt"`
	StatusCode int        `json:"statusCode" enum:"200,201"`
	Data       wireObject `json:"data"`
}

// wireBulkItem is one of the replies to many written records, in the order of
// the input. A refused one has no id but an error.
type wireBulkItem struct {
	ID         string         `json:"id,omitempty"`
	CreatedAt  *wireTime      `json:"createdAt,omitempty"`
	UpdatedAt  *wireTime      `json:"updatedAt,omitempty"`
	StatusCode int            `json:"statusCode" enum:"200,201,400"`
	Data       wireObject     `json:"data"`
	Error      *wireItemError `json:"error,omitempty"`
}

type wireItemError struct {
	Message string     `json:"message"`
	Code    fault.Code `json:"code"`
}

// recordsBody is what POST records takes.
type recordsBody struct {
	_    struct{}      `additionalProperties:"true"`
	Data oneOrMoreRows `json:"data"`
}

// recordBody is what PUT records takes.
type recordBody struct {
	_    struct{}   `additionalProperties:"true"`
	Data wireObject `json:"data" doc:"Its properties replace those of the record, the others stay."`
}

type oneOrMoreRows struct{}

// Schema implements huma.SchemaProvider.
func (oneOrMoreRows) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{anyObject(), {Type: huma.TypeArray, Items: anyObject()}}}
}

// wireVersion is a closed version of a record.
type wireVersion struct {
	Attributes wireObject `json:"attributes"`
	ValidFrom  wireTime   `json:"validFrom"`
	ValidTo    wireTime   `json:"validTo"`
	Deleted    bool       `json:"deleted" doc:"The version ended because the record was deleted."`
}

// target reads the connection and the resource of the path.
func (c *call) target() (record.Target, error) {
	connectionID, resourceID, err := c.numbers("connectionId", "resourceId")
	return record.Target{ConnectionID: connectionID, ResourceID: resourceID}, err
}

func (a *api) listRecords(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	session := c.query("sessionId")
	if session != "" {
		if err := record.CheckSessionID(session); err != nil {
			return answer{}, err
		}
	}
	f, err := c.recordFilter()
	if err != nil {
		return answer{}, err
	}
	p, resource, err := a.Records.List(c.ctx(), t, session, f, r)
	if err != nil {
		return answer{}, err
	}
	if session == "" {
		session = resource.ActiveSession
	}
	return recordPage(c, p, session), nil
}

// maxWhere is how many properties a filter of records may name.
const maxWhere = 10

// recordFilter reads `q` and `where[NAME]=VALUE`.
func (c *call) recordFilter() (f record.Filter, err error) {
	if f.Text, err = c.text("q"); err != nil {
		return f, err
	}
	names := slices.Sorted(maps.Keys(c.values))
	for _, param := range names {
		name, ok := strings.CutPrefix(param, "where[")
		if !ok || !strings.HasSuffix(name, "]") || c.values.Get(param) == "" {
			continue
		}
		value, err := c.text(param)
		if err != nil {
			return f, err
		}
		f.Where = append(f.Where, record.Where{Name: strings.TrimSuffix(name, "]"), Value: value})
	}
	if len(f.Where) > maxWhere {
		return f, fault.New(fault.CodeValidation, "`where` may name at most %d properties", maxWhere)
	}
	return f, nil
}

func recordPage(c *call, p page.Page[record.Record], session string) answer {
	held := c.buffer()
	b := append(*held, `{"data":[`...)
	for i := range p.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRecord(b, &p.Items[i], session)
	}
	b = append(b, `],"pagination":{"cursor":`...)
	if p.Next == "" {
		b = append(b, "null"...)
	} else {
		b = strictjson.AppendText(b, p.Next)
	}
	b = append(b, `,"totalCount":`...)
	if p.Total == nil {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendInt(b, *p.Total, 10)
	}
	b = append(b, "}}"...)
	*held = b
	return answer{status: http.StatusOK, body: b}
}

func appendRecord(b []byte, r *record.Record, session string) []byte {
	b = append(b, `{"id":`...)
	b = strictjson.AppendText(b, r.Key)
	b = append(b, `,"attributes":`...)
	b = append(b, r.Body...)
	b = append(b, `,"sessionId":`...)
	if session == "" {
		b = append(b, "null"...)
	} else {
		b = strictjson.AppendText(b, session)
	}
	b = append(b, `,"createdAt":"`...)
	b = appendMoment(b, r.CreatedAt)
	b = append(b, `","updatedAt":"`...)
	b = appendMoment(b, r.UpdatedAt)
	return append(b, `"}`...)
}

func (a *api) getRecord(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	r, resource, err := a.Records.Get(c.ctx(), t, c.r.PathValue("recordId"))
	if err != nil {
		return answer{}, err
	}
	return recordAnswer(c, r, resource), nil
}

func recordAnswer(c *call, r record.Record, resource connection.Resource) answer {
	held := c.buffer()
	*held = appendRecord(*held, &r, resource.ActiveSession)
	return answer{status: http.StatusOK, body: *held}
}

func (a *api) listVersions(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(page.CreatedAt)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Records.Versions(c.ctx(), t, c.r.PathValue("recordId"), r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, func(v record.Version) wireVersion {
		return wireVersion{Attributes: wireObject(v.Body), ValidFrom: wireTime(v.ValidFrom), ValidTo: wireTime(v.ValidTo), Deleted: v.Deleted}
	}))
}

func (a *api) pushRecords(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	wait, err := c.waits()
	if err != nil {
		return answer{}, err
	}
	e, err := strictjson.Split(c.body)
	if err != nil {
		return answer{}, err
	}
	result, err := a.Records.Upsert(c.ctx(), c.actor(), t, e.Records)
	if err != nil {
		return answer{}, err
	}
	ans, err := writtenAnswer(c, e.Single, result, wrapped)
	if err != nil {
		return answer{}, err
	}
	return wait.resource(c, ans, result.Resource.ID, result.Seq)
}

func (a *api) putRecord(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	wait, err := c.waits()
	if err != nil {
		return answer{}, err
	}
	result, err := a.merge(c, t)
	if err != nil {
		return answer{}, err
	}
	item := result.Items[0]
	ans := recordAnswer(c, record.Record{Key: item.Key, Body: item.Data, CreatedAt: item.Written.CreatedAt, UpdatedAt: item.Written.UpdatedAt}, result.Resource)
	setCounts(&ans, result)
	return wait.resource(c, ans, result.Resource.ID, result.Seq)
}

// merge does the work of PUT for both versions of the API.
func (a *api) merge(c *call, t record.Target) (record.Result, error) {
	e, err := strictjson.Split(c.body)
	if err != nil {
		return record.Result{}, err
	}
	if !e.Single {
		return record.Result{}, fault.New(fault.CodeValidation, "`data` (/data) must be one object: the properties to replace")
	}
	return a.Records.Update(c.ctx(), c.actor(), t, c.r.PathValue("recordId"), e.Records[0])
}

func (a *api) deleteRecord(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	wait, err := c.waits()
	if err != nil {
		return answer{}, err
	}
	if err := a.Records.Delete(c.ctx(), c.actor(), t, c.r.PathValue("recordId")); err != nil {
		return answer{}, err
	}
	ans := noContent()
	if !wait.asked {
		return ans, nil
	}
	// The deletion is one of the changes up to now.
	resource, err := a.Connections.Resource(c.ctx(), t.ConnectionID, t.ResourceID)
	if err != nil {
		return answer{}, err
	}
	return wait.resource(c, ans, resource.ID, resource.ChangeSeq)
}
