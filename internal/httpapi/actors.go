package httpapi

import (
	"context"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// wireActor is who did something.
type wireActor struct {
	Kind string `json:"kind" enum:"key,user,system" doc:"system: the program itself, by the clock or by a verdict."`
	ID   *int64 `json:"id" doc:"The id of the key or the user."`
	Name string `json:"name" doc:"What people call it."`
}

// author is the key or the person who did something, 0 if there was none.
type author struct{ key, user int64 }

// actorNames are the names of keys and people.
type actorNames struct {
	keys  map[int64]string
	users map[int64]access.User
}

// names reads what the authors of a page are called.
func (a *api) names(c *call, list []author) (actorNames, error) { return a.namesOf(c.ctx(), list) }

func (a *api) namesOf(ctx context.Context, list []author) (out actorNames, err error) {
	var keys, users []int64
	for _, each := range list {
		if each.key != 0 {
			keys = append(keys, each.key)
		}
		if each.user != 0 {
			users = append(users, each.user)
		}
	}
	if out.keys, err = a.Access.KeyNames(ctx, keys); err != nil {
		return out, err
	}
	out.users, err = a.Access.People(ctx, users)
	return out, err
}

func (n actorNames) of(who author) wireActor {
	switch {
	case who.user != 0:
		return wireActor{Kind: "user", ID: &who.user, Name: n.users[who.user].DisplayName()}
	case who.key != 0:
		return wireActor{Kind: "key", ID: &who.key, Name: n.keys[who.key]}
	}
	return wireActor{Kind: "system", Name: "Plumbline"}
}
