package collect

import "net/url"

// Source says where the records come from, in a few words and without a secret;
// empty if that is not known.
func (r *Recipe) Source(inputs map[string]string) string {
	values := r.values(inputs)
	for _, i := range r.inputs {
		if i.Secret {
			values[i.Name] = ""
		}
	}
	if r.http == nil {
		return ""
	}
	text, err := r.http.url.fillURL(values)
	if err != nil {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Host
}
