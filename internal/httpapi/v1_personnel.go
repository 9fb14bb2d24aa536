package httpapi

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// wireUserV1 is a user in v1.
type wireUserV1 struct {
	ID         int64        `json:"id"`
	EntryID    string       `json:"entryId" doc:"The id as a text."`
	Email      string       `json:"email"`
	FirstName  *string      `json:"firstName"`
	LastName   *string      `json:"lastName"`
	JobTitle   *string      `json:"jobTitle"`
	AvatarURL  *string      `json:"avatarUrl"`
	TermsAt    maybeTime    `json:"drataTermsAgreedAt" doc:"The contract's; there are no such terms here, so it is null."`
	CreatedAt  wireTime     `json:"createdAt"`
	UpdatedAt  wireTime     `json:"updatedAt"`
	Roles      []string     `json:"roles" doc:"Empty for a key that may not list users."`
	Checks     []wireObject `json:"backgroundChecks" doc:"The contract's; always empty: nothing is known of them here."`
	Identities []wireObject `json:"identities" doc:"The contract's, of identity providers: empty here. What an HRIS says of a person is under /public/v2/personnel with expand[]=identity."`
}

func (c *call) userV1(u access.User) wireUserV1 {
	out := wireUserV1{ID: u.ID, EntryID: strconv.FormatInt(u.ID, 10), Email: u.Email, FirstName: orNull(u.FirstName), LastName: orNull(u.LastName),
		JobTitle: orNull(u.JobTitle), CreatedAt: wireTime(u.CreatedAt), UpdatedAt: wireTime(u.UpdatedAt), Roles: []string{}, Checks: []wireObject{}, Identities: []wireObject{}}
	if c.principal.Has(access.UsersGet) {
		out.Roles = choices(u.Roles())
	}
	return out
}

// maybeDay is a day, null when it is not known.
type maybeDay time.Time

// MarshalJSON implements json.Marshaler.
func (d maybeDay) MarshalJSON() ([]byte, error) {
	if time.Time(d).IsZero() {
		return []byte("null"), nil
	}
	return []byte(time.Time(d).UTC().Format(`"` + time.DateOnly + `"`)), nil
}

// Schema implements huma.SchemaProvider.
func (maybeDay) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Nullable: true, Examples: []any{"2026-01-31"}}
}

// wirePersonV1 is a person in v1.
type wirePersonV1 struct {
	ID               int64              `json:"id"`
	EmploymentStatus string             `json:"employmentStatus" enum:"CURRENT_EMPLOYEE,FORMER_EMPLOYEE,CURRENT_CONTRACTOR,FORMER_CONTRACTOR,OUT_OF_SCOPE,UNKNOWN,SPECIAL_FORMER_EMPLOYEE,SPECIAL_FORMER_CONTRACTOR,FUTURE_HIRE,SERVICE_ACCOUNT"`
	NotHumanReason   *string            `json:"notHumanReason" doc:"Why the person is OUT_OF_SCOPE."`
	OSVersion        *string            `json:"osVersion" doc:"That of the device that was reported last."`
	SerialNumber     *string            `json:"serialNumber" doc:"That of the device that was reported last."`
	User             wireUserV1         `json:"user"`
	ReasonProvider   orNone[wireUserV1] `json:"reasonProvider" doc:"Who gave the reason, if a person did."`
	ComplianceChecks []wireCheck        `json:"complianceChecks" doc:"Each protection on all devices of the person, and all of them as FULL_COMPLIANCE."`
	ComplianceTests  []wireObject       `json:"complianceTests" doc:"The contract's; always empty: no test is of one person here."`
	StartDate        maybeDay           `json:"startDate"`
	SeparationDate   maybeDay           `json:"separationDate"`
	StatusUpdatedAt  maybeTime          `json:"statusUpdatedAt"`
	Data             wirePersonDataV1   `json:"data" doc:"Of the device that was reported last."`
	CreatedAt        wireTime           `json:"createdAt"`
	UpdatedAt        wireTime           `json:"updatedAt"`
	Devices          []wireDeviceV1     `json:"devices" doc:"Those that were reported last come first, 100 at most: the list of a person's devices has all."`
	DevicesCount     int                `json:"devicesCount"`
	DevicesFailing   int                `json:"devicesFailingComplianceCount" doc:"How many of the devices do not pass every check."`

	AgentEnabled        bool `json:"agentEnabled" doc:"As of the organisation: always."`
	ManualUploadEnabled bool `json:"manualUploadEnabled" doc:"As of the organisation: always."`
}

// wirePersonDataV1 says what is known of a device that was reported last; without
// one, its dates are those of the person.
type wirePersonDataV1 struct {
	OSVersion      *string   `json:"osVersion"`
	SerialNumber   *string   `json:"serialNumber"`
	ScreenLockTime *float64  `json:"screenLockTime"`
	AgentVersion   *string   `json:"agentVersion"`
	MACAddress     *string   `json:"macAddress"`
	LastCheckedAt  maybeTime `json:"lastcheckedAt"`
	CreatedAt      wireTime  `json:"createdAt"`
	UpdatedAt      wireTime  `json:"updatedAt"`
}

// wirePersonnelV1 is a list of people in v1.
type wirePersonnelV1 struct {
	Data    []wirePersonV1 `json:"data"`
	Page    int64          `json:"page"`
	Limit   int64          `json:"limit"`
	Total   int64          `json:"total" doc:"How many there are on all pages."`
	DataAll wireObject     `json:"dataAll" doc:"The contract's; always empty."`
}

// maxDevicesV1 is how many devices v1 shows with a person.
const maxDevicesV1 = 100

func (a *api) personViewsV1(c *call, list ...asset.Person) ([]wirePersonV1, error) {
	ids := make([]int64, len(list))
	var givers []int64
	for i, p := range list {
		ids[i] = p.ID
		if p.ReasonBy != 0 {
			givers = append(givers, p.ReasonBy)
		}
	}
	providers, err := a.Access.People(c.ctx(), givers)
	if err != nil {
		return nil, err
	}
	devices, err := a.People.DevicesOf(c.ctx(), ids)
	if err != nil {
		return nil, err
	}
	var shown []asset.Device
	for _, of := range devices {
		slices.SortFunc(of, func(a, b asset.Device) int {
			return cmp.Or(b.LastCheckedAt.Compare(a.LastCheckedAt), cmp.Compare(b.ID, a.ID))
		})
		shown = append(shown, of[:min(len(of), maxDevicesV1)]...)
	}
	whole, err := a.wholeV1(c, shown)
	if err != nil {
		return nil, err
	}
	now, out := a.Now(), make([]wirePersonV1, len(list))
	for i, p := range list {
		of := devices[p.ID]
		v := wirePersonV1{ID: p.ID, EmploymentStatus: string(p.Status), NotHumanReason: p.Reason, User: c.userV1(p.User), ComplianceChecks: checkViews(p.Checks(of, now)),
			StartDate: maybeDay(p.StartedAt), SeparationDate: maybeDay(p.SeparatedAt), StatusUpdatedAt: maybeTime(p.StatusAt), CreatedAt: wireTime(p.CreatedAt),
			UpdatedAt: wireTime(p.UpdatedAt), Data: wirePersonDataV1{CreatedAt: wireTime(p.CreatedAt), UpdatedAt: wireTime(p.UpdatedAt)}, Devices: []wireDeviceV1{},
			ComplianceTests: []wireObject{}, DevicesCount: len(of), AgentEnabled: true, ManualUploadEnabled: true}
		if giver, is := providers[p.ReasonBy]; is {
			view := c.userV1(giver)
			v.ReasonProvider = orNone[wireUserV1]{&view}
		}
		for n, d := range of {
			if !d.Compliant(now) {
				v.DevicesFailing++
			}
			if n < maxDevicesV1 {
				v.Devices = append(v.Devices, whole[d.ID])
			}
		}
		if len(of) > 0 {
			d := v.Devices[0]
			v.OSVersion, v.SerialNumber = d.OSVersion, d.SerialNumber
			v.Data = wirePersonDataV1{OSVersion: d.OSVersion, SerialNumber: d.SerialNumber, ScreenLockTime: d.ScreenLockTime, AgentVersion: d.AgentVersion,
				MACAddress: d.MACAddress, LastCheckedAt: d.LastCheckedAt, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt}
		}
		out[i] = v
	}
	return out, nil
}

func (a *api) onePersonV1(c *call, p asset.Person) (answer, error) {
	views, err := a.personViewsV1(c, p)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, views[0])
}

// checkFiltersV1 are the filters by a check. Of those without a type nothing is
// known here: whichever way they are asked for, they keep nobody.
var checkFiltersV1 = map[string]asset.CheckType{"agentInstalledCompliance": asset.AgentInstalled, "passwordManagerCompliance": asset.PasswordManagerCheck,
	"autoUpdatesCompliance": asset.AutoUpdatesCheck, "hdEncryptionCompliance": asset.EncryptionCheck, "antivirusCompliance": asset.AntivirusCheck,
	"lockScreenCompliance": asset.LockScreenCheck, "acceptedPoliciesCompliance": "", "identityMfaCompliance": "", "bgCheckCompliance": "",
	"locationServicesCompliance": "", "securityTrainingCompliance": "", "hipaaTrainingCompliance": "", "nistaiTrainingCompliance": "",
	"multiSecurityTrainingCompliance": "", "offboardingEvidence": ""}

// trainingsV1 are the contract's; no training is known here.
var trainingsV1 = []string{"SECURITY_TRAINING", "HIPAA_TRAINING", "NIST_AI_TRAINING"}

// statusGroupsV1 are the words of `employmentStatuses[]` that stand for several
// statuses.
var statusGroupsV1 = map[string][]asset.EmploymentStatus{
	"ALL_CURRENT_PERSONNEL": {asset.CurrentEmployee, asset.CurrentContractor},
	"ALL_FORMER_PERSONNEL":  {asset.FormerEmployee, asset.FormerContractor, asset.SpecialFormerEmployee, asset.SpecialFormerContractor},
	"ALL_PERSONNEL":         asset.EmploymentStatuses,
}

// statusesV1 are the words of `employmentStatuses[]`.
var statusesV1 = []string{"CURRENT_EMPLOYEE", "FORMER_EMPLOYEE", "CURRENT_CONTRACTOR", "FORMER_CONTRACTOR", "OUT_OF_SCOPE", "UNKNOWN", "FUTURE_HIRE", "SERVICE_ACCOUNT",
	"ALL_CURRENT_PERSONNEL", "ALL_FORMER_PERSONNEL", "ALL_PERSONNEL"}

// personOrdersV1 are the words of `sort`. What is not known here puts nobody
// before anybody else.
var personOrdersV1 = func() map[string]page.Sort {
	out := map[string]page.Sort{"NAME": asset.ByName, "EMPLOYMENT_STATUS": asset.ByEmploymentStatus, "OS_VERSION": asset.ByDeviceSystem, "SERIAL_NUM": asset.ByDeviceSerial,
		"APPS_COUNT": asset.ByDeviceApps, "START_DATE": asset.ByStartDate, "SEPARATION_DATE": asset.BySeparationDate}
	for _, check := range []string{"ACCEPTED_POLICIES", "FULL_COMPLIANCE", "IDENTITY_MFA", "BG_CHECK", "AGENT_INSTALLED", "PASSWORD_MANAGER", "AUTO_UPDATES", "HDD_ENCRYPTION",
		"ANTIVIRUS", "LOCK_SCREEN", "SECURITY_TRAINING", "HIPAA_TRAINING", "NIST_AI_TRAINING", "OFFBOARDING"} {
		out[check] = page.Sort(check)
	}
	return out
}()

func (c *call) personFilterV1() (f asset.PersonFilter, err error) {
	if f.Text, err = c.text("q"); err != nil {
		return f, err
	}
	if err := c.statusFilterV1(&f); err != nil {
		return f, err
	}
	if err := c.checkFilterV1(&f); err != nil {
		return f, err
	}
	source, err := c.choice("mdmSourceType", deviceSources...)
	if err != nil {
		return f, err
	}
	f.Source = asset.Source(source)
	without, err := c.chosen("inverseMdmSourceTypes[]", deviceSources...)
	if err != nil {
		return f, err
	}
	for _, word := range deviceSources {
		if slices.Contains(without, word) {
			f.NotSources = append(f.NotSources, asset.Source(word))
		}
	}
	f.GroupIDs, err = c.groupIDs("groupIds")
	return f, err
}

// statusFilterV1 reads both parameters of the employment status; who is kept
// satisfies both.
func (c *call) statusFilterV1(f *asset.PersonFilter) error {
	one, err := c.choice("employmentStatus", choices(asset.EmploymentStatuses)...)
	if err != nil {
		return err
	}
	several, err := c.chosen("employmentStatuses[]", statusesV1...)
	if err != nil {
		return err
	}
	wanted := map[asset.EmploymentStatus]bool{}
	for _, word := range several {
		for _, s := range slices.Concat(statusGroupsV1[word], []asset.EmploymentStatus{asset.EmploymentStatus(word)}) {
			wanted[s] = true
		}
	}
	for _, s := range asset.EmploymentStatuses {
		if (one == "" || one == string(s)) && (len(several) == 0 || wanted[s]) {
			f.Statuses = append(f.Statuses, s)
		}
	}
	f.Nobody = len(f.Statuses) == 0
	if len(f.Statuses) == len(asset.EmploymentStatuses) {
		f.Statuses = nil
	}
	return nil
}

func (c *call) checkFilterV1(f *asset.PersonFilter) error {
	f.Passing = map[asset.CheckType]bool{}
	for name, check := range checkFiltersV1 {
		pass, err := c.eitherWay(name)
		switch {
		case err != nil:
			return err
		case pass != nil && check == "":
			f.Nobody = true
		case pass != nil:
			f.Passing[check] = *pass
		}
	}
	training, err := c.choice("multiTrainingComplianceType", trainingsV1...)
	if err != nil {
		return err
	}
	f.Nobody = f.Nobody || training != ""
	if f.DevicesPass, err = c.eitherWay("deviceCompliance"); err != nil {
		return err
	}
	whole, err := c.eitherWay("fullCompliance")
	if err == nil && whole != nil {
		f.Standing = []asset.CheckStatus{asset.CheckFail, asset.CheckMisconfigured}
		if *whole {
			f.Standing = []asset.CheckStatus{asset.CheckPass}
		}
	}
	return err
}

func (a *api) listPersonnelV1(c *call) (answer, error) {
	f, err := c.personFilterV1()
	if err != nil {
		return answer{}, err
	}
	r, err := c.numbered(maxPageV1, personOrdersV1)
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.People(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.personViewsV1(c, p.Items...)
	if err != nil {
		return answer{}, err
	}
	made := numberedPage(r, p, views)
	return reply(http.StatusOK, wirePersonnelV1{Data: made.Data, Page: made.Page, Limit: made.Limit, Total: made.Total})
}

func (a *api) personV1(c *call, ref asset.PersonRef) (answer, error) {
	p, err := a.People.Person(c.ctx(), ref)
	if err != nil {
		return answer{}, err
	}
	return a.onePersonV1(c, p)
}

func (a *api) getPersonnelV1(c *call) (answer, error) {
	id, err := c.number("id")
	if err != nil {
		return answer{}, err
	}
	return a.personV1(c, asset.PersonRef{ID: id})
}

func (a *api) getPersonnelByEmailV1(c *call) (answer, error) {
	email := c.r.PathValue("email")
	if !storable(email) {
		return answer{}, fault.New(fault.CodeValidation, "`email` in the path is not UTF-8 text")
	}
	return a.personV1(c, asset.PersonRef{Email: email})
}

// contractDatesV1 are the dates of a person.
type contractDatesV1 struct {
	_              struct{} `additionalProperties:"true"`
	StartDate      *string  `json:"startDate" doc:"A day such as 2026-01-31."`
	SeparationDate *string  `json:"separationDate,omitempty" nullable:"true" doc:"A day such as 2026-01-31; absent: stays. null: there is none."`
}

func (a *api) putContractDatesV1(c *call) (answer, error) {
	body, err := decode[contractDatesV1](c)
	if err != nil {
		return answer{}, err
	}
	var change asset.PersonChange
	if change.StartedAt, err = c.day("startDate", body.StartDate); err != nil {
		return answer{}, err
	}
	if change.StartedAt == nil || change.StartedAt.IsZero() {
		return answer{}, fault.New(fault.CodeValidation, "`startDate` is required: a day such as 2026-01-31").At("/startDate")
	}
	if change.SeparatedAt, err = c.day("separationDate", body.SeparationDate); err != nil {
		return answer{}, err
	}
	return a.changePersonV1(c, change)
}

// statusChangeV1 is the employment status of a person.
type statusChangeV1 struct {
	_                struct{} `additionalProperties:"true"`
	EmploymentStatus *string  `json:"employmentStatus" enum:"CURRENT_EMPLOYEE,FORMER_EMPLOYEE,CURRENT_CONTRACTOR,FORMER_CONTRACTOR,OUT_OF_SCOPE,UNKNOWN,SPECIAL_FORMER_EMPLOYEE,SPECIAL_FORMER_CONTRACTOR,FUTURE_HIRE,SERVICE_ACCOUNT"`
	NotHumanReason   *string  `json:"notHumanReason,omitempty" nullable:"true" maxLength:"30000" doc:"Needed with OUT_OF_SCOPE."`
	SeparationDate   *string  `json:"separationDate,omitempty" nullable:"true" doc:"A day such as 2026-01-31; absent: stays. null: there is none."`
}

func (a *api) putStatusV1(c *call) (answer, error) {
	body, err := decode[statusChangeV1](c)
	if err != nil {
		return answer{}, err
	}
	if body.EmploymentStatus == nil {
		return answer{}, fault.New(fault.CodeValidation, "`employmentStatus` is required").At("/employmentStatus")
	}
	status := asset.EmploymentStatus(*body.EmploymentStatus)
	change := asset.PersonChange{Status: &status, Reason: sent(c, "notHumanReason", body.NotHumanReason)}
	if change.SeparatedAt, err = c.day("separationDate", body.SeparationDate); err != nil {
		return answer{}, err
	}
	return a.changePersonV1(c, change)
}

func (a *api) changePersonV1(c *call, change asset.PersonChange) (answer, error) {
	id, err := c.number("id")
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.UpdatePerson(c.ctx(), c.actor(), asset.PersonRef{ID: id}, change)
	if err != nil {
		return answer{}, inWordsOfV1(err)
	}
	return a.onePersonV1(c, p)
}

// datesOfV1 tell what v1 calls the dates of a person.
var datesOfV1 = strings.NewReplacer("`startedAt`", "`startDate`", "`separatedAt`", "`separationDate`", "/startedAt", "/startDate", "/separatedAt", "/separationDate")

// inWordsOfV1 names in a refusal what the caller sent.
func inWordsOfV1(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	told := *f
	told.Message, told.Pointer = datesOfV1.Replace(f.Message), datesOfV1.Replace(f.Pointer)
	return &told
}

func (a *api) resetPersonV1(c *call) (answer, error) {
	id, err := c.number("personnelId")
	if err != nil {
		return answer{}, err
	}
	return a.resetV1(c, id)
}

// resetV1 gives people back to the identity sync, and answers with the first.
func (a *api) resetV1(c *call, ids ...int64) (answer, error) {
	if _, err := a.People.ResetPeople(c.ctx(), c.actor(), ids); err != nil {
		return answer{}, err
	}
	return a.personV1(c, asset.PersonRef{ID: ids[0]})
}

// resetV1Body names people.
type resetV1Body struct {
	_            struct{} `additionalProperties:"true"`
	PersonnelIDs []int64  `json:"personnelIds" minItems:"1" maxItems:"1000"`
}

func (a *api) resetPeopleV1(c *call) (answer, error) {
	body, err := decode[resetV1Body](c)
	if err != nil {
		return answer{}, err
	}
	if len(body.PersonnelIDs) == 0 {
		return answer{}, fault.New(fault.CodeValidation, "`personnelIds` must name 1 to %d people", asset.MaxReset).At("/personnelIds")
	}
	return a.resetV1(c, body.PersonnelIDs...)
}

// resetAllV1 answers with the person who was there first: of those who were given
// back, or of all when nothing was decided by hand.
func (a *api) resetAllV1(c *call) (answer, error) {
	var first asset.Person
	for _, f := range []asset.PersonFilter{{ByHand: true}, {}} {
		p, err := a.People.People(c.ctx(), f, page.Request{Size: 1, Ascending: true})
		if err != nil {
			return answer{}, err
		}
		if len(p.Items) > 0 {
			first = p.Items[0]
			break
		}
	}
	if first.ID == 0 {
		return answer{}, fault.New(fault.CodeNotFound, "there are no people yet")
	}
	if _, err := a.People.ResetAll(c.ctx(), c.actor()); err != nil {
		return answer{}, err
	}
	return a.personV1(c, asset.PersonRef{ID: first.ID})
}
