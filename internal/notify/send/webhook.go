package send

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/plumbline-dev/plumbline/internal/notify"
)

// The headers of a webhook's message.
const (
	// SignatureHeader is "t=<seconds since 1970>,v1=<signature>", see [Sign].
	SignatureHeader = "Plumbline-Signature"
	// DeliveryHeader is the id in the body, the same with each attempt.
	DeliveryHeader = "Plumbline-Delivery"
)

// Sign is the value of SignatureHeader: the moment and the HMAC-SHA256 (RFC
// 2104), in hexadecimal, of that moment, a dot and the body.
func Sign(key string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write([]byte(t + "."))
	_, _ = mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// webhook is the body of a webhook's message.
type webhook struct {
	ID          string          `json:"id"`
	Type        string          `json:"type"` // event, digest or test
	CreatedAt   time.Time       `json:"createdAt"`
	WorkspaceID int64           `json:"workspaceId"`
	Rule        string          `json:"rule,omitempty"`
	Subject     string          `json:"subject"`
	Text        string          `json:"text"`
	Counts      []notify.Count  `json:"counts,omitempty"`
	Events      []notify.Signal `json:"events"`
}

// webhookBody is the same with each attempt.
func webhookBody(p notify.Parcel) []byte {
	n := p.Notice
	w := webhook{ID: p.UID, Type: "event", CreatedAt: p.CreatedAt.UTC(), WorkspaceID: p.Workspace, Rule: n.Rule, Subject: p.Message.Subject,
		Text: p.Message.Text, Counts: n.Counts, Events: append([]notify.Signal{}, n.Signals...)}
	switch {
	case n.Test:
		w.Type = "test"
	case n.Digest:
		w.Type = "digest"
	}
	return encode(w)
}
