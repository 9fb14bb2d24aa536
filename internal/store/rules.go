package store

import (
	"fmt"
	"sync"

	"github.com/plumbline-dev/plumbline/rule"
)

// maxRuleText is how many bytes of rules the cache knows before it begins anew.
const maxRuleText = 16 << 20

// ruleCache keeps parsed rules by their text; groups of one version share it.
type ruleCache struct {
	mu     sync.RWMutex
	byText map[string]rule.Group
	bytes  int
}

func (c *ruleCache) get(text string) (rule.Group, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	g, ok := c.byText[text]
	return g, ok
}

func (c *ruleCache) put(text string, g rule.Group) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.byText[text]; known {
		return
	}
	if c.bytes += len(text); c.byText == nil || c.bytes > maxRuleText {
		c.byText, c.bytes = map[string]rule.Group{}, len(text)
	}
	c.byText[text] = g
}

// parsedRule is a group's rule from its stored text.
func (s *Store) parsedRule(groupID int64, body string) (rule.Group, error) {
	if g, ok := s.rules.get(body); ok {
		return g, nil
	}
	t, err := rule.ParseTest([]byte(body))
	if err != nil {
		return rule.Group{}, fmt.Errorf("parse the rule of group %d: %w", groupID, err)
	}
	s.rules.put(body, t.Groups[0])
	return t.Groups[0], nil
}
