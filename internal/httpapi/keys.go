package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

type wireKey struct {
	ID          int64      `json:"id"`
	Name        string     `json:"name"`
	Scopes      []string   `json:"scopes"`
	Prefix      string     `json:"prefix" doc:"The beginning of the key, to recognise it."`
	State       string     `json:"state" enum:"ACTIVE,EXPIRES_SOON,EXPIRED,REVOKED"`
	CreatedAt   wireTime   `json:"createdAt"`
	ExpiresAt   maybeTime  `json:"expiresAt" doc:"null: never."`
	CreatedBy   *wireActor `json:"createdBy,omitempty" doc:"The person who made it; absent: another key, or the command line. A key belongs to the organisation: it stays good when the account is disabled."`
	LastUsedAt  maybeTime  `json:"lastUsedAt" doc:"To the minute."`
	RevokedAt   maybeTime  `json:"revokedAt"`
	AllowedIPs  []string   `json:"allowedIps" doc:"The only source addresses; empty: all."`
	Connections []int64    `json:"connectionIds" doc:"With the scope devices-report: the connections to which it reports devices; it may do nothing else. Empty with all other scopes."`
	Missing     *[]string  `json:"missingScopes,omitempty" doc:"With requires[]: which of these the key lacks."`
	Key         *string    `json:"key,omitempty" doc:"The secret, in the reply to the creation only. A repetition with the same Idempotency-Key leaves it out."`
}

func (a *api) keyView(k access.Key, names actorNames) wireKey {
	out := wireKey{ID: k.ID, Name: k.Name, Scopes: scopeTexts(k.Scopes), Prefix: k.Prefix, State: string(k.State(a.Now())),
		CreatedAt: wireTime(k.CreatedAt), ExpiresAt: maybeTime(k.ExpiresAt), LastUsedAt: maybeTime(k.LastUsedAt),
		RevokedAt: maybeTime(k.RevokedAt), AllowedIPs: make([]string, len(k.AllowedIPs)), Connections: append([]int64{}, k.Connections...)}
	if k.UserID != 0 {
		out.CreatedBy = ptr(names.of(author{user: k.UserID}))
	}
	for i, p := range k.AllowedIPs {
		out.AllowedIPs[i] = p.String()
	}
	return out
}

func (a *api) listKeys(c *call) (answer, error) {
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	var required []access.Scope
	if texts := c.all("requires[]"); len(texts) > 0 {
		if required, err = access.ParseScopes(texts); err != nil {
			return answer{}, err
		}
	}
	user, null, err := c.idOrNull("userId")
	if err != nil {
		return answer{}, err
	}
	if null {
		return answer{}, fault.New(fault.CodeValidation, "`userId` must be the number of a user")
	}
	usable, err := c.boolean("usable")
	if err != nil {
		return answer{}, err
	}
	f := access.KeyFilter{UserID: user}
	if usable {
		f.UsableAt = a.Now()
	}
	p, err := a.Access.Keys(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	makers := make([]author, len(p.Items))
	for i, k := range p.Items {
		makers[i].user = k.UserID
	}
	names, err := a.names(c, makers)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, func(k access.Key) wireKey {
		out := a.keyView(k, names)
		if len(required) > 0 {
			missing := slices.DeleteFunc(slices.Clone(required), func(s access.Scope) bool { return access.Grants(k.Scopes, s) })
			texts := scopeTexts(missing)
			out.Missing = &texts
		}
		return out
	}))
}

// newKey is what a key is created from.
type newKey struct {
	_           struct{} `additionalProperties:"true"`
	Name        string   `json:"name" minLength:"1" maxLength:"191"`
	Scopes      []string `json:"scopes" minItems:"1" doc:"all, read, or scopes such as custom-connections-data-post. A key can only give what it has."`
	ExpiresAt   *string  `json:"expiresAt,omitempty" nullable:"true" format:"date-time" doc:"Twelve months from now when absent; null: never."`
	AllowedIPs  []string `json:"allowedIps,omitempty" maxItems:"100" doc:"Source addresses or networks, such as 192.0.2.0/24. A key that has some itself gives none beyond them, and its own when this is absent."`
	Connections []int64  `json:"connectionIds,omitempty" maxItems:"100" doc:"With the scope devices-report, which goes alone: the MDM connections to which the key reports devices."`
}

const maxAllowedIPs = 100

func (a *api) createKey(c *call) (answer, error) {
	body, err := decode[newKey](c)
	if err != nil {
		return answer{}, err
	}
	n := access.NewKey{Name: body.Name, ExpiresAt: a.Now().AddDate(1, 0, 0)}
	if n.Scopes, err = access.ParseScopes(body.Scopes); err != nil {
		return answer{}, err
	}
	for _, s := range n.Scopes {
		if err := c.principal.Require(s); err != nil {
			return answer{}, fault.New(fault.CodeForbidden, "this API key lacks the scope `%s`, so it cannot give it to another", s)
		}
	}
	if sent(c, "expiresAt", struct{}{}) != nil {
		n.ExpiresAt = time.Time{}
		if body.ExpiresAt != nil {
			if n.ExpiresAt, err = parseMoment(*body.ExpiresAt); err != nil {
				return answer{}, fault.New(fault.CodeValidation, "`expiresAt` (/expiresAt) must be a time such as 2027-01-31T00:00:00.000Z, or null for never")
			}
		}
	}
	if n.AllowedIPs, err = parseNetworks(body.AllowedIPs); err != nil {
		return answer{}, err
	}
	if n.AllowedIPs, err = c.principal.Narrow(n.AllowedIPs); err != nil {
		return answer{}, err
	}
	if n.Connections = body.Connections; len(n.Connections) > 0 {
		if err := a.People.TakeDevices(c.ctx(), n.Connections...); err != nil {
			return answer{}, err
		}
	}
	k, secret, err := a.Access.CreateKey(c.ctx(), c.actor(), n)
	if err != nil {
		return answer{}, err
	}
	names, err := a.names(c, []author{{user: k.UserID}})
	if err != nil {
		return answer{}, err
	}
	view := a.keyView(k, names)
	kept, err := encode(view)
	if err != nil {
		return answer{}, err
	}
	view.Key = &secret
	ans, err := reply(http.StatusCreated, view)
	// The secret is stored nowhere, not with an idempotency key either.
	ans.keep = kept
	return ans, err
}

func parseNetworks(texts []string) ([]netip.Prefix, error) {
	if len(texts) > maxAllowedIPs {
		return nil, fault.New(fault.CodeValidation, "`allowedIps` (/allowedIps) may have at most %d entries", maxAllowedIPs)
	}
	var out []netip.Prefix
	for _, t := range texts {
		if addr, err := netip.ParseAddr(t); err == nil {
			addr = addr.Unmap().WithZone("")
			out = append(out, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, fault.New(fault.CodeValidation, "`allowedIps` (/allowedIps) has %q; it takes addresses and networks such as 192.0.2.0/24", cutText(t, 80))
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (a *api) revokeKey(c *call) (answer, error) {
	id, err := c.number("keyId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Access.RevokeKey(c.ctx(), c.actor(), id)
}
