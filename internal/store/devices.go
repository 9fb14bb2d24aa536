package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const deviceColumns = `SELECT d.id, d.connection_id, d.asset_id, d.person_id,
	(SELECT p.user_id FROM personnel p WHERE p.id = d.person_id), d.platform, d.platform_version, d.alias, d.model, d.serial_number, d.mac_address,
	d.external_id, d.source, d.posture, d.screen_lock_time, d.apps_count, d.checked_at, d.created_at, d.updated_at, d.deleted_at FROM device d`

// keptPosture is a posture as it is stored.
type keptPosture struct {
	Enabled     *bool           `json:"enabled,omitempty"`
	Explanation json.RawMessage `json:"explanation,omitempty"`
	Since       time.Time       `json:"since,omitzero"`
}

func protections(p *asset.Posture) map[string]*asset.Protection {
	return map[string]*asset.Protection{"antivirus": &p.Antivirus, "autoUpdate": &p.AutoUpdate, "firewall": &p.Firewall, "passwordManager": &p.PasswordManager,
		"encryption": &p.Encryption, "screenLock": &p.ScreenLock}
}

func keepPosture(p asset.Posture) string {
	kept := map[string]keptPosture{}
	for name, f := range protections(&p) {
		if f.Enabled != nil || f.Explanation != nil || !f.Since.IsZero() {
			kept[name] = keptPosture(*f)
		}
	}
	return toJSON(kept)
}

func scanDevice(r row, d *asset.Device) error {
	var platform, source string
	var posture []byte
	var lock *string
	if err := r.scan(&d.ID, &d.ConnectionID, &d.AssetID, &d.PersonID, &d.UserID, &platform, &d.PlatformVersion, &d.Alias, &d.Model, &d.SerialNumber, &d.MACAddress,
		&d.ExternalID, &source, &posture, &lock, &d.AppsCount, &d.LastCheckedAt, &d.CreatedAt, &d.UpdatedAt, &d.DeletedAt); err != nil {
		return err
	}
	d.Platform, d.Source = asset.Platform(platform), asset.Source(source)
	if lock != nil {
		seconds, err := strconv.ParseFloat(*lock, 64)
		if err != nil {
			return err
		}
		d.ScreenLockTime = &seconds
	}
	var kept map[string]keptPosture
	if err := json.Unmarshal(posture, &kept); err != nil {
		return err
	}
	for name, f := range protections(&d.Posture) {
		*f = asset.Protection(kept[name])
	}
	return nil
}

func selectDevices(q querier, where string, args ...any) ([]asset.Device, error) {
	var out []asset.Device
	err := q.query(number(deviceColumns+" WHERE d.deleted_at IS NULL AND "+where), func(r row) error {
		var d asset.Device
		err := scanDevice(r, &d)
		out = append(out, d)
		return err
	}, args...)
	if err != nil {
		return nil, err
	}
	return out, fillDevices(q, out)
}

// fillDevices puts what documents say into devices.
func fillDevices(q querier, list []asset.Device) error {
	ids := make([]int64, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	found, err := evidence(q, "device_id", "", ids)
	for i := range list {
		list[i].Evidence = found[list[i].ID]
	}
	return err
}

// Devices implements asset.DeviceStore.
func (s *Store) Devices(ctx context.Context, f asset.DeviceFilter, r page.Request) (page.Page[asset.Device], error) {
	l := list[asset.Device]{sql: deviceColumns, id: "d.id", where: []string{"d.deleted_at IS NULL"}, own: 1, scan: scanDevice,
		columns:  map[page.Sort]string{page.CreatedAt: "d.created_at", page.UpdatedAt: "d.updated_at"},
		position: func(d asset.Device) page.Position { return d.Position(r.Order()) },
		searched: searching(f.Text, searched{table: "device d", keys: keysOfDevices, columns: []string{"k.search_key", "k.owner_key"}, join: " CROSS JOIN device_search k", on: "k.device_id = d.id"})}
	const recognised = "d.id IN (SELECT device_id FROM device_identifier WHERE type = '"
	for _, c := range []struct {
		cond string
		arg  any
		is   bool
	}{
		{"d.person_id = ?", f.PersonID, f.PersonID != 0},
		{recognised + string(asset.ByExternalID) + "' AND identifier_key = ?)", asset.SerialKey(f.ExternalID), f.ExternalID != ""},
		{recognised + string(asset.BySerialNumber) + "' AND identifier_key = ?)", asset.SerialKey(f.SerialNumber), f.SerialNumber != ""},
	} {
		if c.is {
			l.and(c.cond, c.arg)
		}
	}
	if f.MACAddress != "" {
		keys := asset.MACKeys(f.MACAddress)
		l.where = append(l.where, recognised+string(asset.ByMACAddress)+"' AND identifier_key IN ("+marks(len(keys))+"))")
		l.args = arguments(l.args, keys)
	}
	standingDevices(&l, f)
	var so clauses
	if f.ConnectionID != 0 {
		so.and("d.connection_id = ?", f.ConnectionID)
	}
	if f.Source != "" {
		so.and("d.source = ?", string(f.Source))
	}
	if f.Platform != "" {
		so.and("d.platform = ?", string(f.Platform))
	}
	l.kinds("device", "d", "device_kinds", so)
	l.fill = fillDevices
	return l.run(ctx, s, r)
}

// keysOfDevices asks for devices by their search keys; see [sought] and [searched].
const keysOfDevices = "SELECT device_id FROM device_search WHERE "

// callOwners keeps devices in step with what their owners are found by.
func callOwners(q querier, people []int64) error {
	const key = "(SELECT p.search_key FROM device d JOIN personnel p ON p.id = d.person_id WHERE d.id = device_search.device_id)"
	return inParts(people, "d.person_id", func(cond string, args []any) error {
		_, err := q.exec(number("UPDATE device_search SET owner_key = "+key+" WHERE device_id IN (SELECT d.id FROM device d WHERE "+cond+") AND owner_key <> "+key), args...)
		return err
	})
}

// Device implements asset.DeviceStore.
func (s *Store) Device(ctx context.Context, id int64) (d asset.Device, err error) {
	err = s.db.read(ctx, func(q querier) error {
		d, err = readDevice(q, "d.id = ?", id)
		return err
	})
	return d, err
}

func readDevice(q querier, where string, id int64, more ...any) (asset.Device, error) {
	found, err := selectDevices(q, where, append([]any{id}, more...)...)
	if err == nil && len(found) == 0 {
		err = absent("device", id)
	}
	if err != nil {
		return asset.Device{}, err
	}
	return found[0], nil
}

// DevicesByAsset implements asset.DeviceStore.
func (s *Store) DevicesByAsset(ctx context.Context, assetIDs []int64) (map[int64]asset.Device, error) {
	out := map[int64]asset.Device{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		for part := range slices.Chunk(assetIDs, perList) {
			cond, args := in("d.asset_id", part)
			found, err := selectDevices(q, cond, args...)
			if err != nil {
				return err
			}
			for _, d := range found {
				out[d.AssetID] = d
			}
		}
		return nil
	})
	return out, err
}

// DevicesOf implements asset.DeviceStore.
func (s *Store) DevicesOf(ctx context.Context, personIDs []int64) (map[int64][]asset.Device, error) {
	out := map[int64][]asset.Device{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		for part := range slices.Chunk(personIDs, perList) {
			cond, args := in("d.person_id", part)
			found, err := selectDevices(q, cond+" ORDER BY d.id", args...)
			if err != nil {
				return err
			}
			for _, d := range found {
				out[d.PersonID] = append(out[d.PersonID], d)
			}
		}
		return nil
	})
	return out, err
}

// Identifiers implements asset.DeviceStore.
func (s *Store) Identifiers(ctx context.Context, deviceIDs []int64) (map[int64][]asset.Identifier, error) {
	out := map[int64][]asset.Identifier{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		for part := range slices.Chunk(deviceIDs, perList) {
			cond, args := in("device_id", part)
			if err := q.query(number("SELECT device_id, id, type, identifier, identifier_key, created_at, updated_at FROM device_identifier WHERE "+cond+" ORDER BY id"), func(r row) error {
				var device int64
				var kind string
				var i asset.Identifier
				err := r.scan(&device, &i.ID, &kind, &i.Text, &i.Key, &i.CreatedAt, &i.UpdatedAt)
				i.Type = asset.IdentifierType(kind)
				out[device] = append(out[device], i)
				return err
			}, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Installed implements asset.DeviceStore.
func (s *Store) Installed(ctx context.Context, deviceID int64) (asset.Installed, error) {
	var out asset.Installed
	err := s.db.read(ctx, func(q querier) error {
		var kept []byte
		if err := absentIf(one(q, "SELECT i.installed FROM device_installed i JOIN device d ON d.id = i.device_id WHERE d.id = $1 AND d.deleted_at IS NULL", []any{deviceID}, &kept), "device", deviceID); err != nil {
			return err
		}
		return json.Unmarshal(kept, &out)
	})
	return out, err
}

// recognised finds the devices that identifiers name, in their order.
func recognised(q querier, ids []asset.Identifier) ([]asset.Matched, error) {
	var out []asset.Matched
	for _, i := range ids {
		var device int64
		err := one(q, "SELECT device_id FROM device_identifier WHERE type = $1 AND identifier_key = $2", []any{string(i.Type), i.Key}, &device)
		if errors.Is(err, errNoRow) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if at := slices.IndexFunc(out, func(m asset.Matched) bool { return m.Device.ID == device }); at >= 0 {
			out[at].By = append(out[at].By, i.Type)
			continue
		}
		d, err := readDevice(q, "d.id = ?", device)
		if err != nil {
			return nil, err
		}
		m := asset.Matched{Device: d, By: []asset.IdentifierType{i.Type}}
		if err := one(q, "SELECT CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END FROM connection WHERE id = $1", []any{d.ConnectionID}, &m.Orphaned); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// ReportDevice implements asset.DeviceStore.
func (s *Store) ReportDevice(ctx context.Context, r asset.Report, ids []asset.Identifier, merge func(asset.Person, []asset.Matched) (asset.Device, error),
	ev func(asset.Device) event.Event) (asset.Device, error) {
	var d asset.Device
	err := s.db.write(ctx, func(q querier) error {
		if _, err := lockConnection(q, r.Device.ConnectionID); err != nil {
			return err
		}
		// One report after the other, of all connections: what a device is recognised
		// by must not change beneath.
		var next int64
		if err := one(q, "SELECT next FROM person_number WHERE id = 1"+q.dialect().forUpdate, nil, &next); err != nil {
			return err
		}
		p, err := readPerson(q, r.Owner, "")
		if err != nil {
			return err
		}
		found, err := recognised(q, ids)
		if err != nil {
			return err
		}
		if d, err = merge(p, found); err != nil {
			return err
		}
		fresh := d.ID == 0
		if err := putDevice(q, &d, p, r.Installed); err != nil {
			return err
		}
		if err := putIdentifiers(q, d.ID, ids); err != nil {
			return err
		}
		if !fresh {
			if err := dropIdentifiers(q, d.ID, ids); err != nil {
				return err
			}
		}
		if err := stand(q, d.PersonID, s.now()); err != nil {
			return err
		}
		return s.append(q, ev(d))
	})
	return d, err
}

// putDevice writes a device with the asset that stands for it.
func putDevice(q querier, d *asset.Device, p asset.Person, installed asset.Installed) error {
	fresh := d.ID == 0
	if fresh {
		number, err := takePersonNumbers(q, 1)
		if err != nil {
			return err
		}
		d.ID = number
	}
	stands := d.Asset(p)
	if fresh {
		if err := insertAsset(q, &stands); err != nil {
			return err
		}
		d.AssetID = stands.ID
	} else {
		was, err := readAsset(q, d.AssetID, "")
		if err != nil {
			return err
		}
		stands.ID, stands.Notes, stands.Classes, stands.RemovedAt, stands.ExternalOwnerID = was.ID, was.Notes, was.Classes, was.RemovedAt, was.ExternalOwnerID
		stands.Description = was.Description
		if err := updateAsset(q, &stands); err != nil {
			return err
		}
	}
	var lock any
	if d.ScreenLockTime != nil {
		lock = strconv.FormatFloat(*d.ScreenLockTime, 'g', -1, 64)
	}
	search := []string{d.Name(), string(d.Platform)}
	for _, text := range []*string{d.Model, d.SerialNumber, d.ExternalID, d.MACAddress} {
		if text != nil && !slices.Contains(search, *text) {
			search = append(search, *text)
		}
	}
	if _, err := q.exec(`INSERT INTO device (id, connection_id, asset_id, person_id, platform, platform_version, alias, model, serial_number, mac_address, external_id, source, posture,
		screen_lock_time, apps_count, checked_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
		ON CONFLICT (id) DO UPDATE SET connection_id = excluded.connection_id, platform = excluded.platform, platform_version = excluded.platform_version, alias = excluded.alias, model = excluded.model,
		serial_number = excluded.serial_number, mac_address = excluded.mac_address, external_id = excluded.external_id, source = excluded.source, posture = excluded.posture,
		screen_lock_time = excluded.screen_lock_time, apps_count = excluded.apps_count, checked_at = excluded.checked_at, updated_at = excluded.updated_at`,
		d.ID, d.ConnectionID, d.AssetID, d.PersonID, string(d.Platform), d.PlatformVersion, d.Alias, d.Model, d.SerialNumber, d.MACAddress, d.ExternalID, string(d.Source),
		keepPosture(d.Posture), lock, d.AppsCount, d.LastCheckedAt, d.CreatedAt, d.UpdatedAt); err != nil {
		return err
	}
	if _, err := q.exec("INSERT INTO device_search (device_id, search_key, owner_key) SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), p.search_key FROM personnel p WHERE p.id = $3"+q.dialect().locking("p")+
		" ON CONFLICT (device_id) DO UPDATE SET search_key = excluded.search_key, owner_key = excluded.owner_key", d.ID, access.Folded(strings.Join(search, "\n"))+"\n", d.PersonID); err != nil {
		return err
	}
	_, err := q.exec(`INSERT INTO device_installed (device_id, installed) VALUES ($1, $2)
		ON CONFLICT (device_id) DO UPDATE SET installed = excluded.installed`, d.ID, toJSON(installed))
	return err
}

// putIdentifiers makes these what a device is recognised by, beside what it was.
func putIdentifiers(q querier, deviceID int64, ids []asset.Identifier) error {
	for _, i := range ids {
		if _, err := q.exec(`INSERT INTO device_identifier (device_id, type, identifier, identifier_key, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (type, identifier_key) DO UPDATE SET identifier = excluded.identifier, updated_at = excluded.updated_at`,
			deviceID, string(i.Type), i.Text, i.Key, i.CreatedAt, i.UpdatedAt); err != nil {
			return err
		}
	}
	return nil
}

// dropIdentifiers leaves these only.
func dropIdentifiers(q querier, deviceID int64, ids []asset.Identifier) error {
	keep := []string{""}
	for _, i := range ids {
		keep = append(keep, string(i.Type)+i.Key)
	}
	_, err := q.exec(number("DELETE FROM device_identifier WHERE device_id = ? AND NOT (type || identifier_key IN ("+marks(len(keep))+"))"), arguments([]any{deviceID}, keep)...)
	return err
}

// DeleteDevice implements asset.DeviceStore.
func (s *Store) DeleteDevice(ctx context.Context, connectionID, id int64, at time.Time, ev func(asset.Device) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		d, err := readDevice(q, "d.id = ? AND d.connection_id = ?", id, connectionID)
		if err != nil {
			return err
		}
		if _, err := readHolder(q, id, true); err != nil {
			return err
		}
		if err := dropDocuments(q, id); err != nil {
			return err
		}
		for _, statement := range []string{"UPDATE device SET deleted_at = $2 WHERE id = $1", "UPDATE asset SET deleted_at = $2 WHERE device_id = $1"} {
			if _, err := q.exec(statement, id, at); err != nil {
				return err
			}
		}
		for _, statement := range []string{"DELETE FROM device_identifier WHERE device_id = $1", "DELETE FROM device_search WHERE device_id = $1"} {
			if _, err := q.exec(statement, id); err != nil {
				return err
			}
		}
		if err := stand(q, d.PersonID, s.now()); err != nil {
			return err
		}
		return s.append(q, ev(d))
	})
}
