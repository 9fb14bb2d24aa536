package main

import (
	"bytes"
	"context"
	"os"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// servePocketBase runs PocketBase with one collection open to everybody and
// its batch API as large as our batches: no sign-in, no rules, no fields but
// those of the record.
func servePocketBase(addr, dir string) error {
	app := pocketbase.NewWithConfig(pocketbase.Config{HideStartBanner: true, DefaultDataDir: dir})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	settings := app.Settings()
	settings.Batch.Enabled, settings.Batch.MaxRequests, settings.Batch.Timeout = true, batch, 60
	settings.RateLimits.Enabled = false
	if err := app.Save(settings); err != nil {
		return err
	}
	c := core.NewBaseCollection("records")
	c.CreateRule, c.UpdateRule, c.ListRule, c.ViewRule = types.Pointer(""), types.Pointer(""), types.Pointer(""), types.Pointer("")
	c.Fields.Add(
		&core.TextField{Name: "name"}, &core.TextField{Name: "email"}, &core.BoolField{Name: "mfa"}, &core.NumberField{Name: "age"},
		&core.TextField{Name: "lastSeen"}, &core.TextField{Name: "department"}, &core.JSONField{Name: "groups"}, &core.TextField{Name: "note"},
		&core.AutodateField{Name: "created", OnCreate: true}, &core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	if err := app.Save(c); err != nil {
		return err
	}
	return apis.Serve(app, apis.ServeConfig{HttpAddr: addr})
}

func startPocketBase(ctx context.Context) (*peer, error) {
	dir, err := os.MkdirTemp("", "pocketbase-peer")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, dir, "http://"+addr+"/api/health", nil, self, "-serve-pocketbase", addr, "-data", dir)
	if err != nil {
		return nil, err
	}
	p.url = "http://" + addr + "/api/batch"
	p.body = func(first, salt int) []byte {
		var b bytes.Buffer
		b.WriteString(`{"requests":[`)
		for i := range batch {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`{"method":"PUT","url":"/api/collections/records/records","body":`)
			b.Write(record(first+i, salt))
			b.WriteByte('}')
		}
		b.WriteString(`]}`)
		return b.Bytes()
	}
	return p, nil
}
