package asset

import (
	"context"
	"slices"
	"time"
)

// DeviceStanding is how a device stands at a moment.
type DeviceStanding struct {
	Status CheckStatus
	// Failing and Unknown are the checks that fail, and those of which nothing is
	// known.
	Failing, Unknown CheckSet
	// Stale reports that no report counts any more.
	Stale bool
}

// DeviceChecks are the checks of a device, in their order.
func DeviceChecks() []CheckType { return slices.Clone(deviceChecks) }

// DeviceSpan is a stretch of time in which a device stands so, as far as is
// known: until something is reported or a document comes or goes.
type DeviceSpan struct {
	DeviceStanding

	// Since is the zero time in the first span, Until in the last one.
	Since, Until time.Time
}

// Spans tell how a device goes on from now: what is reported and documented
// expires by itself. What follows here follows SpansEdition too.
func (d Device) Spans(now time.Time) []DeviceSpan {
	moments := expiries(d.Evidence, now)
	if ends := d.LastCheckedAt.Add(ReportLife); now.Before(ends) {
		moments = append(moments, ends)
	}
	slices.SortFunc(moments, time.Time.Compare)
	out := []DeviceSpan{{DeviceStanding: d.standing(now)}}
	for _, t := range moments {
		last := &out[len(out)-1]
		if is := d.standing(t); is != last.DeviceStanding {
			last.Until = t
			out = append(out, DeviceSpan{DeviceStanding: is, Since: t})
		}
	}
	return out
}

func (d Device) standing(now time.Time) DeviceStanding {
	checks := d.Checks(now)
	out := DeviceStanding{Status: worst(checks), Stale: !now.Before(d.LastCheckedAt.Add(ReportLife))}
	for _, c := range checks {
		switch c.Status {
		case CheckFail:
			out.Failing |= SetOf(c.Type)
		case CheckMisconfigured:
			out.Unknown |= SetOf(c.Type)
		}
	}
	return out
}

// DeviceCount is how many devices stand so.
type DeviceCount struct {
	DeviceStanding

	Devices int64
}

// DeviceSummary counts the devices of the organisation.
type DeviceSummary struct {
	Devices, Stale int64
	Statuses       map[CheckStatus]int64
	// Failing and Unknown count by check; a device can be in several.
	Failing, Unknown map[CheckType]int64
}

// DeviceSummary counts all devices as they stand now.
func (s *Service) DeviceSummary(ctx context.Context) (DeviceSummary, error) {
	out := DeviceSummary{Statuses: map[CheckStatus]int64{}, Failing: map[CheckType]int64{}, Unknown: map[CheckType]int64{}}
	counts, err := s.store.CountDevices(ctx, s.now())
	for _, n := range counts {
		out.Devices += n.Devices
		out.Statuses[n.Status] += n.Devices
		if n.Stale {
			out.Stale += n.Devices
		}
		for _, t := range deviceChecks {
			if n.Failing&SetOf(t) != 0 {
				out.Failing[t] += n.Devices
			}
			if n.Unknown&SetOf(t) != 0 {
				out.Unknown[t] += n.Devices
			}
		}
	}
	return out, err
}
