package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/plumbline-dev/plumbline/client"
)

// organisation is a made-up but lifelike one: who works there, on what devices,
// and what it answers for.
type organisation struct {
	HRIS struct {
		Connection  string            `json:"connection"`
		Description string            `json:"description"`
		Identities  []json.RawMessage `json:"identities"`
	} `json:"hris"`
	// OutOfScope are those whom the HR system takes for people.
	OutOfScope []struct {
		Email  string `json:"email"`
		Reason string `json:"reason"`
	} `json:"outOfScope"`
	MDM struct {
		Connection  string            `json:"connection"`
		Description string            `json:"description"`
		Reports     []json.RawMessage `json:"reports"`
	} `json:"mdm"`
	Assets []struct {
		client.NewAsset

		// Owner is an address.
		Owner string `json:"owner"`
	} `json:"assets"`
}

// syncPatience is how long the identity sync may take.
const syncPatience = time.Minute

// people brings the organisation in.
func (f *filling) people(ctx context.Context) error {
	var o organisation
	if err := readSample("people", f.env.Now(), &o); err != nil {
		return err
	}
	hris, err := f.provider(ctx, o.HRIS.Connection, o.HRIS.Description, "HRIS")
	if err != nil {
		return err
	}
	results, err := f.c.PutIdentities(ctx, hris, o.HRIS.Identities)
	if err != nil {
		return err
	}
	for i, r := range results {
		// An end that was told by an earlier start of a kept demo stays.
		if r.Error != nil && f.ready.Kept == "" {
			return fmt.Errorf("identity %d: %s", i, r.Error.Message)
		}
	}
	if err := f.sync(ctx); err != nil {
		return err
	}
	byEmail := map[string]client.Person{}
	for p, err := range f.c.Personnel(ctx, client.PersonFilter{}, client.List{}) {
		if err != nil {
			return err
		}
		byEmail[p.Email] = p
	}
	f.ready.People = len(byEmail)
	for _, each := range o.OutOfScope {
		status := "OUT_OF_SCOPE"
		if _, err := f.c.UpdatePerson(ctx, "email:"+each.Email, client.PersonChange{EmploymentStatus: &status, NotHumanReason: &each.Reason}); err != nil {
			return err
		}
	}
	mdm, err := f.provider(ctx, o.MDM.Connection, o.MDM.Description, "MDM")
	if err != nil {
		return err
	}
	for _, r := range o.MDM.Reports {
		if _, err := f.c.ReportDevice(ctx, mdm, r); err != nil {
			return err
		}
	}
	f.ready.Devices = len(o.MDM.Reports)
	return f.assets(ctx, o, byEmail)
}

func (f *filling) assets(ctx context.Context, o organisation, byEmail map[string]client.Person) error {
	have := map[string]bool{}
	for a, err := range f.c.Assets(ctx, client.AssetFilter{}, client.List{}) {
		if err != nil {
			return err
		}
		have[a.Name] = true
		f.ready.Assets++
	}
	for _, each := range o.Assets {
		if have[each.Name] {
			continue
		}
		each.OwnerID = byEmail[each.Owner].UserID
		if _, err := f.c.CreateAsset(ctx, each.NewAsset); err != nil {
			return err
		}
		f.ready.Assets++
	}
	return nil
}

// provider finds the connection that systems of a type report to, or makes it.
func (f *filling) provider(ctx context.Context, name, description, kind string) (int64, error) {
	for c, err := range f.c.Connections(ctx, client.ConnectionFilter{}, client.List{}) {
		if err != nil {
			return 0, err
		}
		if c.Name == name {
			return c.ID, nil
		}
	}
	c, err := f.c.CreateConnection(ctx, client.NewConnection{Name: name, Description: &description, ProviderTypes: []string{kind}})
	return c.ID, err
}

// sync makes people of the identities. The first identities start the sync of
// the night too, which must be over.
func (f *filling) sync(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, syncPatience)
	defer cancel()
	_, err := f.c.SyncIdentities(within, nil)
	if err != nil && ctx.Err() == nil && within.Err() != nil {
		return errors.New("the identity sync is not done after a minute: is the machine very busy?")
	}
	return err
}
