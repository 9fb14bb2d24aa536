package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// deviceStatuses are how a device can stand as a whole.
var deviceStatuses = []asset.CheckStatus{asset.CheckPass, asset.CheckFail, asset.CheckMisconfigured}

// wireStanding counts what stands so as a whole.
type wireStanding struct {
	ComplianceStatus string `json:"complianceStatus" enum:"PASS,FAIL,MISCONFIGURED"`
	Count            int64  `json:"count"`
}

func standingCounts(counts map[asset.CheckStatus]int64) []wireStanding {
	out := make([]wireStanding, len(deviceStatuses))
	for i, status := range deviceStatuses {
		out[i] = wireStanding{string(status), counts[status]}
	}
	return out
}

// standing is the query parameter complianceStatus[]; excluded are further words
// for EXCLUDED.
func (c *call) standing(known []asset.CheckStatus, excluded ...string) (list []asset.CheckStatus, err error) {
	for _, v := range c.all("complianceStatus[]") {
		status := asset.CheckStatus(v)
		if slices.Contains(excluded, v) {
			status = asset.CheckExcluded
		}
		if !slices.Contains(known, status) {
			return nil, fault.New(fault.CodeValidation, "`complianceStatus[]` is %q; it must be one of %s", cutText(v, 80), strings.Join(choices(known), ", "))
		}
		list = append(list, status)
	}
	return list, nil
}

// wireDeviceSummary counts devices.
type wireDeviceSummary struct {
	Total    int64            `json:"total"`
	Statuses []wireStanding   `json:"statuses" doc:"All of them, in the order of their list."`
	Checks   []wireCheckCount `json:"checks" doc:"All of them, in their order; a device can be counted in several."`
	Stale    int64            `json:"stale" doc:"Those without a report that counts any more: the last one is 30 days old."`
}

type wireCheckCount struct {
	Type    string `json:"type" enum:"PASSWORD_MANAGER,HDD_ENCRYPTION,ANTIVIRUS,AUTO_UPDATES,LOCK_SCREEN"`
	Failing int64  `json:"failing"`
	Unknown int64  `json:"unknown" doc:"MISCONFIGURED: nothing is known, or nothing recent."`
}

func (a *api) getDeviceSummary(c *call) (answer, error) {
	s, err := a.People.DeviceSummary(c.ctx())
	if err != nil {
		return answer{}, err
	}
	out := wireDeviceSummary{Total: s.Devices, Statuses: standingCounts(s.Statuses), Stale: s.Stale}
	for _, t := range asset.DeviceChecks() {
		out.Checks = append(out.Checks, wireCheckCount{string(t), s.Failing[t], s.Unknown[t]})
	}
	return reply(http.StatusOK, out)
}
