package collect

import "net/url"

// databases are the names of databases for people, by driver.
var databases = map[string]string{"postgres": "a PostgreSQL database", "mysql": "a MySQL database", "sqlite": "a SQLite database"}

// Source says where the records come from, in a few words and without a secret;
// empty if that is not known.
func (r *Recipe) Source(inputs map[string]string) string {
	values := r.values(inputs)
	for _, i := range r.inputs {
		if i.Secret {
			values[i.Name] = ""
		}
	}
	switch {
	case r.http != nil:
		text, err := r.http.url.fillURL(values)
		if err != nil {
			return ""
		}
		u, err := url.Parse(text)
		if err != nil {
			return ""
		}
		return u.Host
	case r.sql != nil:
		return databases[r.sql.driver]
	case r.command != nil:
		return "the program " + r.command.run[0].fill(values)
	case r.file != nil:
		return r.file.path.fill(values)
	case r.osquery != nil:
		return "osquery"
	}
	return ""
}
