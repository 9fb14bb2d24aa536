package httpapi

// wireActor is who did something.
type wireActor struct {
	Kind string `json:"kind" enum:"key,user,system" doc:"system: the program itself, by the clock or by a verdict."`
	ID   *int64 `json:"id" doc:"The id of the key or the user."`
	Name string `json:"name" doc:"What people call it."`
}

// author is the key that somebody used, 0 if none was.
type author struct{ key int64 }

// actorNames are the names of keys.
type actorNames struct{ keys map[int64]string }

// names reads what the authors of a page are called.
func (a *api) names(c *call, list []author) (actorNames, error) {
	var keys []int64
	for _, each := range list {
		if each.key != 0 {
			keys = append(keys, each.key)
		}
	}
	names, err := a.Access.KeyNames(c.ctx(), keys)
	return actorNames{names}, err
}

func (n actorNames) of(who author) wireActor {
	if who.key == 0 {
		return wireActor{Kind: "system", Name: "Plumbline"}
	}
	return wireActor{Kind: "key", ID: &who.key, Name: n.keys[who.key]}
}
