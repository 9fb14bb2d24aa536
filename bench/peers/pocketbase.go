//go:build unix

package main

import (
	"context"
	"os"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// servePocketBase runs PocketBase with one collection open to everybody and
// its batch API as large as our batches: no sign-in, no rules, no limit of
// requests, no log of them, no fields but those of the record and two dates.
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
	settings.RateLimits.Enabled, settings.Logs.MaxDays = false, 0
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
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, "PocketBase", "/api/health", func(addr, data string) []string {
		return []string{self, "-serve-pocketbase", addr, "-data", data}
	})
	if err != nil {
		return nil, err
	}
	p.pushes = "/api/batch"
	p.records = "/api/collections/records/records/"
	p.body = func(first, salt int) []byte {
		return bodyOf(first, salt, `{"requests":[`, `{"method":"PUT","url":"/api/collections/records/records","body":`, `}`, `]}`)
	}
	return p, nil
}
