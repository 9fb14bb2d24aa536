package httpapi

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/page"
)

type wireNotificationChannel struct {
	ID             int64              `json:"id"`
	Name           string             `json:"name"`
	Kind           string             `json:"kind" enum:"mail,slack,teams,webhook"`
	To             []string           `json:"to,omitempty" doc:"The addresses of a mail channel."`
	Users          []wireNotifiedUser `json:"users,omitempty" doc:"The people of a mail channel."`
	ControlOwners  *bool              `json:"controlOwners,omitempty" doc:"Of a mail channel: the owners of the controls that a test proves get the events of that test."`
	URLHint        *string            `json:"urlHint,omitempty" doc:"Host and last four characters of the URL, which is never shown."`
	SigningKeyHint *string            `json:"signingKeyHint,omitempty" doc:"The last four characters of the key of a webhook."`
	CreatedAt      wireTime           `json:"createdAt"`
	UpdatedAt      wireTime           `json:"updatedAt"`
}

type wireNotifiedUser struct {
	ID            int64   `json:"id"`
	Name          string  `json:"name"`
	Email         string  `json:"email" doc:"Where mail goes now."`
	NoMailBecause *string `json:"noMailBecause,omitempty" enum:"INVITED,DISABLED,DELETED,NO_ACCESS" doc:"Why no mail goes to them now; absent: it does. INVITED: they did not take the invitation yet. NO_ACCESS: no role of theirs lets them look at tests or connections of this workspace."`
}

// channelViews shows channels with their people.
func (a *api) channelViews(c *call, workspace int64, list ...notify.Channel) (func(notify.Channel) wireNotificationChannel, error) {
	people, err := a.Notifications.Recipients(c.ctx(), workspace, list...)
	return func(ch notify.Channel) wireNotificationChannel {
		out := wireNotificationChannel{ID: ch.ID, Name: ch.Name, Kind: string(ch.Kind), To: ch.To, URLHint: orNull(ch.URLHint), SigningKeyHint: orNull(ch.KeyHint),
			CreatedAt: wireTime(ch.CreatedAt), UpdatedAt: wireTime(ch.UpdatedAt)}
		if ch.Kind == notify.Mail {
			out.ControlOwners = &ch.ControlOwners
		}
		for _, id := range ch.UserIDs {
			p := people[id]
			out.Users = append(out.Users, wireNotifiedUser{ID: id, Name: p.Name, Email: p.Address, NoMailBecause: orNull(string(p.Why()))})
		}
		return out
	}, err
}

// channelReply answers with one channel.
func (a *api) channelReply(c *call, status int, ch notify.Channel) (answer, error) {
	view, err := a.channelViews(c, ch.WorkspaceID, ch)
	if err != nil {
		return answer{}, err
	}
	return reply(status, view(ch))
}

// notificationChannelChange is what a channel is changed to. A name that is misspelt must
// not leave a secret as it was.
type notificationChannelChange struct {
	_             struct{}  `additionalProperties:"false"`
	Name          *string   `json:"name,omitempty" minLength:"1" maxLength:"100" doc:"Unique in the workspace."`
	To            *[]string `json:"to,omitempty" maxItems:"50" doc:"mail: the addresses; each gets a message of its own. A mail channel needs one of to, userIds and controlOwners."`
	UserIDs       *[]int64  `json:"userIds,omitempty" maxItems:"50" doc:"mail: people of this workspace. Mail goes to the address that they have, and to nobody who is disabled, deleted or may not look at what it tells of."`
	ControlOwners *bool     `json:"controlOwners,omitempty" doc:"mail: the owners of the controls that a test proves get the events of that test."`
	URL           *string   `json:"url,omitempty" maxLength:"2048" doc:"slack, teams, webhook: where messages are posted to. It is a secret and never shown again."`
	SigningKey    *string   `json:"signingKey,omitempty" minLength:"24" maxLength:"256" doc:"webhook: the key of the signatures; visible ASCII characters. Never shown again."`
}

func (c notificationChannelChange) change() notify.ChannelChange {
	return notify.ChannelChange{Name: c.Name, To: c.To, UserIDs: c.UserIDs, ControlOwners: c.ControlOwners, URL: c.URL, SigningKey: c.SigningKey}
}

// newNotificationChannel is what a channel is created from.
type newNotificationChannel struct {
	_             struct{}  `additionalProperties:"false"`
	Kind          string    `json:"kind" enum:"mail,slack,teams,webhook"`
	Name          string    `json:"name" minLength:"1" maxLength:"100" doc:"Unique in the workspace."`
	To            *[]string `json:"to,omitempty" maxItems:"50" doc:"mail: the addresses; each gets a message of its own. A mail channel needs one of to, userIds and controlOwners."`
	UserIDs       *[]int64  `json:"userIds,omitempty" maxItems:"50" doc:"mail: people of this workspace. Mail goes to the address that they have, and to nobody who is disabled, deleted or may not look at what it tells of."`
	ControlOwners *bool     `json:"controlOwners,omitempty" doc:"mail: the owners of the controls that a test proves get the events of that test."`
	URL           *string   `json:"url,omitempty" maxLength:"2048" doc:"slack, teams, webhook: where messages are posted to. It is a secret and never shown again."`
	SigningKey    *string   `json:"signingKey,omitempty" minLength:"24" maxLength:"256" doc:"webhook: the key of the signatures; visible ASCII characters. Never shown again."`
}

func (a *api) listChannels(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(page.CreatedAt)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Notifications.Channels(c.ctx(), workspace, r)
	if err != nil {
		return answer{}, err
	}
	view, err := a.channelViews(c, workspace, p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, view))
}

func (a *api) createChannel(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[newNotificationChannel](c)
	if err != nil {
		return answer{}, err
	}
	change := notify.ChannelChange{Name: &body.Name, To: body.To, UserIDs: body.UserIDs, ControlOwners: body.ControlOwners, URL: body.URL, SigningKey: body.SigningKey}
	made, err := a.Notifications.CreateChannel(c.ctx(), c.actor(), workspace, notify.Kind(body.Kind), change)
	if err != nil {
		return answer{}, err
	}
	return a.channelReply(c, http.StatusCreated, made)
}

func (a *api) getChannel(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "channelId")
	if err != nil {
		return answer{}, err
	}
	got, err := a.Notifications.Channel(c.ctx(), workspace, id)
	if err != nil {
		return answer{}, err
	}
	return a.channelReply(c, http.StatusOK, got)
}

func (a *api) putChannel(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "channelId")
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[notificationChannelChange](c)
	if err != nil {
		return answer{}, err
	}
	changed, err := a.Notifications.UpdateChannel(c.ctx(), c.actor(), workspace, id, body.change())
	if err != nil {
		return answer{}, err
	}
	return a.channelReply(c, http.StatusOK, changed)
}

func (a *api) deleteChannel(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "channelId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Notifications.DeleteChannel(c.ctx(), c.actor(), workspace, id)
}

type notificationChannelAction struct {
	_      struct{} `additionalProperties:"false"`
	Action string   `json:"action" enum:"test"`
}

type wireTestMessages struct {
	Delivered bool              `json:"delivered" doc:"The other side took every message."`
	Results   []wireTestMessage `json:"results" doc:"One for each address of a mail channel, else one."`
}

type wireTestMessage struct {
	Target    *string `json:"target,omitempty" doc:"The mail address."`
	Delivered bool    `json:"delivered"`
	Error     *string `json:"error" doc:"Why it was not delivered."`
}

func (a *api) actOnChannel(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "channelId")
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[notificationChannelAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.Action != "test" {
		return answer{}, fault.New(fault.CodeValidation, "`action` (/action) is %q; it must be test", cutText(body.Action, 80))
	}
	tried, err := a.Notifications.TestChannel(c.ctx(), c.actor(), workspace, id, uuid.NewString)
	if err != nil {
		return answer{}, err
	}
	out := wireTestMessages{Delivered: true, Results: make([]wireTestMessage, len(tried))}
	for i, t := range tried {
		out.Results[i] = wireTestMessage{Target: orNull(t.Target), Delivered: t.Error == "", Error: orNull(t.Error)}
		out.Delivered = out.Delivered && t.Error == ""
	}
	return reply(http.StatusOK, out)
}

type wireNotificationRule struct {
	ID           int64                  `json:"id"`
	Name         string                 `json:"name"`
	Enabled      bool                   `json:"enabled"`
	Events       []string               `json:"events"`
	Filter       wireNotificationFilter `json:"filter"`
	ChannelIDs   []int64                `json:"channelIds"`
	Mode         string                 `json:"mode" enum:"immediate,digest"`
	DigestAt     *wireDigestAt          `json:"digestAt,omitempty" doc:"Of a digest rule."`
	NextDigestAt maybeTime              `json:"nextDigestAt" doc:"When the next digest goes out if there is anything to tell."`
	CreatedAt    wireTime               `json:"createdAt"`
	UpdatedAt    wireTime               `json:"updatedAt"`
}

type wireNotificationFilter struct {
	TestIDs       []int64 `json:"testIds" maxItems:"500"`
	ConnectionIDs []int64 `json:"connectionIds" maxItems:"500"`
}

type wireDigestAt struct {
	Every    string  `json:"every" enum:"DAY,WEEK"`
	Weekday  *string `json:"weekday,omitempty" enum:"SUNDAY,MONDAY,TUESDAY,WEDNESDAY,THURSDAY,FRIDAY,SATURDAY" doc:"With WEEK."`
	Time     string  `json:"time" doc:"HH:MM."`
	TimeZone string  `json:"timeZone" doc:"An IANA name."`
}

func ruleView(r notify.Rule) wireNotificationRule {
	out := wireNotificationRule{ID: r.ID, Name: r.Name, Enabled: r.Enabled, Events: make([]string, len(r.Topics)), ChannelIDs: r.ChannelIDs, Mode: string(r.Mode),
		Filter:       wireNotificationFilter{append([]int64{}, r.Filter.TestIDs...), append([]int64{}, r.Filter.ConnectionIDs...)},
		NextDigestAt: maybeTime(r.NextDigest), CreatedAt: wireTime(r.CreatedAt), UpdatedAt: wireTime(r.UpdatedAt)}
	for i, t := range r.Topics {
		out.Events[i] = string(t)
	}
	if r.Mode == notify.Digest {
		out.DigestAt = &wireDigestAt{Every: string(r.DigestAt.Every), Time: r.DigestAt.Time(), TimeZone: r.DigestAt.Zone}
		if r.DigestAt.Every == notify.Week {
			out.DigestAt.Weekday = &notify.Weekdays[r.DigestAt.Weekday]
		}
	}
	return out
}

// newNotificationFilter is a wireNotificationFilter as it is sent: what is absent does not narrow.
type newNotificationFilter struct {
	_             struct{} `additionalProperties:"false"`
	TestIDs       []int64  `json:"testIds,omitempty" maxItems:"500" doc:"Of the events of tests only those of these."`
	ConnectionIDs []int64  `json:"connectionIds,omitempty" maxItems:"500" doc:"Of the events of connections only those of these."`
}

type newDigestAt struct {
	_        struct{} `additionalProperties:"false"`
	Every    string   `json:"every" enum:"DAY,WEEK"`
	Weekday  string   `json:"weekday,omitempty" enum:"SUNDAY,MONDAY,TUESDAY,WEDNESDAY,THURSDAY,FRIDAY,SATURDAY" doc:"With WEEK."`
	Time     string   `json:"time" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$"`
	TimeZone string   `json:"timeZone,omitempty" doc:"An IANA name such as Europe/Berlin; UTC if absent."`
}

// notificationRuleChange is what a rule is created from or changed to. A filter whose name
// is misspelt must not be left out.
type notificationRuleChange struct {
	_          struct{}               `additionalProperties:"false"`
	Name       *string                `json:"name,omitempty" minLength:"1" maxLength:"100" doc:"Unique in the workspace."`
	Enabled    *bool                  `json:"enabled,omitempty" doc:"true if absent in a new rule. What waits for the digest of a rule that is disabled is dropped."`
	Events     *[]string              `json:"events,omitempty" minItems:"1" doc:"TEST_FAILED, TEST_ERROR, TEST_RECOVERED, CONNECTION_UNHEALTHY, CONNECTION_RECOVERED, CONNECTION_STALE, CONNECTION_FRESH, EXCLUSION_EXPIRING, EXCLUSION_EXPIRED, DRIFT."`
	Filter     *newNotificationFilter `json:"filter,omitempty" doc:"Replaces the whole filter."`
	ChannelIDs *[]int64               `json:"channelIds,omitempty" minItems:"1" maxItems:"20"`
	Mode       *string                `json:"mode,omitempty" enum:"immediate,digest" doc:"immediate if absent in a new rule."`
	DigestAt   *newDigestAt           `json:"digestAt,omitempty" doc:"When the digest goes out; required with mode digest."`
}

func (b notificationRuleChange) change() (notify.RuleChange, error) {
	out := notify.RuleChange{Name: b.Name, Enabled: b.Enabled, ChannelIDs: b.ChannelIDs, Mode: (*notify.Mode)(b.Mode)}
	if b.Events != nil {
		topics := make([]notify.Topic, len(*b.Events))
		for i, e := range *b.Events {
			topics[i] = notify.Topic(e)
		}
		out.Topics = &topics
	}
	if b.Filter != nil {
		out.TestIDs, out.Connection = &b.Filter.TestIDs, &b.Filter.ConnectionIDs
	}
	if b.DigestAt != nil {
		s, err := notify.ParseSchedule(b.DigestAt.Every, b.DigestAt.Weekday, b.DigestAt.Time, b.DigestAt.TimeZone)
		if err != nil {
			return out, err
		}
		out.DigestAt = &s
	}
	return out, nil
}

func (a *api) listRules(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(page.CreatedAt)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Notifications.Rules(c.ctx(), workspace, r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, ruleView))
}

func (a *api) createRule(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[notificationRuleChange](c)
	if err != nil {
		return answer{}, err
	}
	change, err := body.change()
	if err != nil {
		return answer{}, err
	}
	made, err := a.Notifications.CreateRule(c.ctx(), c.actor(), workspace, change)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusCreated, ruleView(made))
}

func (a *api) getRule(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "ruleId")
	if err != nil {
		return answer{}, err
	}
	got, err := a.Notifications.Rule(c.ctx(), workspace, id)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, ruleView(got))
}

func (a *api) putRule(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "ruleId")
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[notificationRuleChange](c)
	if err != nil {
		return answer{}, err
	}
	change, err := body.change()
	if err != nil {
		return answer{}, err
	}
	changed, err := a.Notifications.UpdateRule(c.ctx(), c.actor(), workspace, id, change)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, ruleView(changed))
}

func (a *api) deleteRule(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "ruleId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Notifications.DeleteRule(c.ctx(), c.actor(), workspace, id)
}

type wireNotificationDelivery struct {
	ID            int64     `json:"id"`
	DeliveryID    string    `json:"deliveryId" format:"uuid" doc:"The id that a webhook gets, the same with each attempt."`
	ChannelID     int64     `json:"channelId"`
	ChannelName   string    `json:"channelName"`
	Kind          string    `json:"kind" enum:"mail,slack,teams,webhook"`
	Target        *string   `json:"target" doc:"The mail address; of a person the one it was sent to last."`
	UserID        *int64    `json:"userId" doc:"The person whom it is for, if the channel names people."`
	Rule          string    `json:"rule" doc:"The name of the rule, or of the first that asked for it."`
	Digest        bool      `json:"digest"`
	Subject       string    `json:"subject"`
	Status        string    `json:"status" enum:"PENDING,SENT,FAILED,CANCELED" doc:"FAILED: given up. CANCELED: the channel was deleted, or the person may not get it any more."`
	Attempts      int       `json:"attempts"`
	LastError     *string   `json:"lastError"`
	NextAttemptAt maybeTime `json:"nextAttemptAt" doc:"While PENDING."`
	CreatedAt     wireTime  `json:"createdAt"`
	FinishedAt    maybeTime `json:"finishedAt"`
	Text          *string   `json:"text,omitempty" doc:"The message; in the reply for one delivery."`
}

func deliveryView(d notify.Delivery) wireNotificationDelivery {
	out := wireNotificationDelivery{ID: d.ID, DeliveryID: d.UID, ChannelID: d.ChannelID, ChannelName: d.ChannelName, Kind: string(d.Kind), Target: orNull(d.Target), UserID: orNull(d.UserID),
		Rule: d.Notice.Rule, Digest: d.Notice.Digest, Subject: d.Subject, Status: string(d.Status), Attempts: d.Attempts, LastError: orNull(d.LastError),
		CreatedAt: wireTime(d.CreatedAt), FinishedAt: maybeTime(d.FinishedAt)}
	if d.Status == notify.Pending {
		out.NextAttemptAt = maybeTime(d.NextAt)
	}
	return out
}

var deliveryStatuses = func() []string {
	out := make([]string, len(notify.Statuses))
	for i, s := range notify.Statuses {
		out[i] = string(s)
	}
	return out
}()

func (a *api) listDeliveries(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(page.CreatedAt)
	if err != nil {
		return answer{}, err
	}
	status, err := c.choice("status", deliveryStatuses...)
	if err != nil {
		return answer{}, err
	}
	channel, null, err := c.idOrNull("channelId")
	if err != nil {
		return answer{}, err
	}
	if null {
		return answer{}, fault.New(fault.CodeValidation, "`channelId` must be the number of a channel")
	}
	p, err := a.Notifications.Deliveries(c.ctx(), workspace, notify.DeliveryFilter{Status: notify.Status(status), ChannelID: channel}, r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, deliveryView))
}

func (a *api) getDelivery(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "deliveryId")
	if err != nil {
		return answer{}, err
	}
	d, m, err := a.Notifications.Delivery(c.ctx(), workspace, id)
	if err != nil {
		return answer{}, err
	}
	out := deliveryView(d)
	out.Text = &m.Text
	return reply(http.StatusOK, out)
}

type notificationDeliveryAction struct {
	_      struct{} `additionalProperties:"false"`
	Action string   `json:"action" enum:"retry"`
}

func (a *api) actOnDelivery(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "deliveryId")
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[notificationDeliveryAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.Action != "retry" {
		return answer{}, fault.New(fault.CodeValidation, "`action` (/action) is %q; it must be retry", cutText(body.Action, 80))
	}
	d, err := a.Notifications.RetryDelivery(c.ctx(), c.actor(), workspace, id)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, deliveryView(d))
}
