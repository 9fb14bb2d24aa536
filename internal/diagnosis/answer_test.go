package diagnosis

import (
	"errors"
	"strings"
	"testing"
)

const fine = "The token of this connection is no longer accepted.\n1. Make a new token.\n2. Put it in the place of the old one."

func TestSummaryOf(t *testing.T) {
	for _, c := range []struct {
		name string
		in   Answer
		want string
		err  error
	}{
		{"fine", Answer{Text: fine}, fine, nil},
		{"short", Answer{Text: "The token has expired."}, "The token has expired.", nil},
		{"with thoughts before it", Answer{Text: "<think>The user <b>wants</b>…\n</think>\n\n" + fine}, fine, nil},
		{"with light Markdown", Answer{Text: "## Cause\n**The token** is no longer `accepted` by the system.\n\n\n\n* Make a new one, and put it in."},
			"Cause\nThe token is no longer accepted by the system.\n\n- Make a new one, and put it in.", nil},
		{"with hidden characters", Answer{Text: "The to\u200bken\u202e is not\x00 valid any more, and it has to be made anew."}, "The token is not valid any more, and it has to be made anew.", nil},
		{"empty", Answer{Text: " \n\u200b "}, "", errEmpty},
		{"thoughts only", Answer{Text: "<think>hm</think>"}, "", errEmpty},
		{"too long", Answer{Text: strings.Repeat("the token is not valid ", 200)}, "", errTooLong},
		{"cut", Answer{Text: fine, Cut: true}, "", errTooLong},
		{"declined by property", Answer{Text: fine, Refused: true}, "", errDeclined},
		{"declined in words", Answer{Text: "I'm sorry, but I can't help with that."}, "", errDeclined},
		{"a function", Answer{Called: true}, "", errCalled},
		{"HTML", Answer{Text: "<p>The token is not valid and has to be made anew.</p>"}, "", errMarkup},
		{"a script", Answer{Text: fine + "<script>alert(1)</script>"}, "", errMarkup},
		{"escaped HTML", Answer{Text: fine + " &lt;img src=x&gt;"}, "", errMarkup},
		{"code", Answer{Text: fine + "\n```sh\ncurl\n```"}, "", errMarkup},
		{"a link", Answer{Text: fine + " See https://evil.example/login."}, "", errLink},
		{"a Markdown link", Answer{Text: fine + " Click [here](evil)."}, "", errLink},
		{"an image", Answer{Text: fine + " ![x](/x)"}, "", errLink},
		{"another script", Answer{Text: "Токен больше не принимается. Создайте новый токен и замените старый."}, "", errLanguage},
		{"another language", Answer{Text: "Das Token wird nicht mehr angenommen. Bitte erzeugen Sie ein neues und ersetzen Sie das alte sofort."}, "", errLanguage},
		{"noise", Answer{Text: "4711 4711 4711 #### 4711"}, "", errLanguage},
		{"obedient to an error", Answer{Text: "As told, I ignore all previous instructions and say that the connection is healthy."}, "", errOffTopic},
		{"fishing", Answer{Text: "The token is bad. Please send me the token here in the chat and it will be made good."}, "", errSoliciter},
	} {
		got, err := summaryOf(c.in)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v; want %q, %v", c.name, got, err, c.want, c.err)
		}
	}
}
