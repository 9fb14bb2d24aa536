package host

import (
	"encoding/json"
	"strings"
)

// RecommendedTest is a check over one dataset that makes sense on most
// machines.
type RecommendedTest struct {
	// Slug names the dataset, see [Dataset.Slug].
	Slug              string
	Name, Description string
	// Logic is one group of a test without its name and its resource:
	// {"evaluator":…}, and where it needs them "filteringCriteria" and
	// "onEmpty".
	Logic json.RawMessage
	// Control is the code of the shipped control that the test speaks for.
	Control string
}

// ForResource is the whole logic of the test over a resource, as the API takes
// it.
func (t RecommendedTest) ForResource(resourceID int64) (json.RawMessage, error) {
	var group map[string]any
	d := json.NewDecoder(strings.NewReader(string(t.Logic)))
	d.UseNumber()
	if err := d.Decode(&group); err != nil {
		return nil, err
	}
	group["name"], group["resourceId"] = t.Name, resourceID
	return json.Marshal(map[string]any{"logic": "ALL_GROUPS", "groups": []any{group}})
}

// RecommendedTests are the tests that we recommend over the datasets of
// [Collect]. A fact that the collector could not establish takes a record out
// of scope where that leaves nothing in scope, so that the result is an error
// and not a pass.
func RecommendedTests() []RecommendedTest {
	tests := []RecommendedTest{
		{"accounts", "Only root has uid 0",
			"Every account with user id 0 has all the rights of root, whatever its name.",
			json.RawMessage(`{"evaluator":{"any":[
				{"fact":"uid","operator":"notEqual","value":0},
				{"fact":"name","operator":"equal","value":"root"}]}}`),
			"PLB-010"},
		{"accounts", "No account has an empty password",
			"An empty password lets anybody in. Accounts whose password state could not be read are out of scope.",
			json.RawMessage(`{"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"passwordEmpty","operator":"exists","value":true}]}},
				"evaluator":{"all":[{"fact":"passwordEmpty","operator":"equal","value":false}]}}`),
			"PLB-013"},
		{"accounts", "Passwords are hashed with a current scheme",
			"Hashes of DES, MD5 and NT are guessed within hours once they leak; a scheme that nobody knows is no better.",
			json.RawMessage(`{"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"passwordEmpty","operator":"exists","value":true}]}},
				"evaluator":{"all":[{"fact":"passwordScheme","operator":"notIn","value":["des","md5","nthash","other"]}]}}`),
			"PLB-014"},
		{"accounts", "Password-less sudo is not granted to people",
			"Whoever gets hold of such an account's session has root without knowing a password.",
			json.RawMessage(`{"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"sudoNoPassword","operator":"exists","value":true}]}},
				"evaluator":{"any":[
				{"fact":"kind","operator":"notEqual","value":"person"},
				{"fact":"sudoNoPassword","operator":"equal","value":false}]}}`),
			"PLB-010"},
		{"accounts", "System accounts have no login shell",
			"An account that only runs a service does not need to log in.",
			json.RawMessage(`{"evaluator":{"any":[
				{"fact":"kind","operator":"equal","value":"person"},
				{"fact":"uid","operator":"equal","value":0},
				{"fact":"loginShell","operator":"equal","value":false}]}}`),
			"PLB-010"},
		{"ssh-settings", "The SSH daemon refuses root with a password",
			"Root's password must not be open to guessing from the network, in no Match block either.",
			json.RawMessage(`{"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"keyword","operator":"equal","value":"permitrootlogin"}]}},
				"evaluator":{"all":[
				{"fact":"value","operator":"in","value":["no","prohibit-password","forced-commands-only"]},
				{"fact":"matchOverrides","operator":"none","value":{"fact":"value","operator":"equalIgnoreCase","value":"yes"}}]}}`),
			"PLB-029"},
		{"ssh-settings", "The SSH daemon refuses empty passwords",
			"An account without a password must not be reachable from the network.",
			json.RawMessage(`{"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"keyword","operator":"equal","value":"permitemptypasswords"}]}},
				"evaluator":{"all":[
				{"fact":"value","operator":"equal","value":"no"},
				{"fact":"matchOverrides","operator":"none","value":{"fact":"value","operator":"equalIgnoreCase","value":"yes"}}]}}`),
			"PLB-029"},
		{"ssh-settings", "The SSH daemon asks for keys, not passwords",
			"Passwords can be guessed and reused; keys cannot.",
			json.RawMessage(`{"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"keyword","operator":"in","value":["passwordauthentication","kbdinteractiveauthentication"]}]}},
				"evaluator":{"all":[
				{"fact":"value","operator":"equal","value":"no"},
				{"fact":"matchOverrides","operator":"none","value":{"fact":"value","operator":"equalIgnoreCase","value":"yes"}}]}}`),
			"PLB-029"},
		{"listening-ports", "No public listener on a legacy port",
			"Telnet, FTP, TFTP, finger, rsh and the like send passwords and data in the clear.",
			json.RawMessage(`{"evaluator":{"any":[
				{"fact":"public","operator":"equal","value":false},
				{"fact":"port","operator":"notIn","value":[7,9,13,19,20,21,23,69,79,111,137,138,139,512,513,514]}]}}`),
			"PLB-051"},
		{"listening-ports", "Databases listen on the machine itself only",
			"MySQL, PostgreSQL, Redis, MongoDB, Elasticsearch, Memcached and their kin are not for everybody on the network.",
			json.RawMessage(`{"evaluator":{"any":[
				{"fact":"public","operator":"equal","value":false},
				{"fact":"port","operator":"notIn","value":[1433,1521,3306,5432,5984,6379,9042,9200,9300,11211,27017,27018]}]}}`),
			"PLB-051"},
		{"packages", "Servers for telnet, FTP and rsh are not installed",
			"What is not installed cannot be switched on by mistake.",
			json.RawMessage(`{"evaluator":{"all":[{"fact":"name","operator":"notIn","value":[
				"telnetd","telnetd-ssl","inetutils-telnetd","telnet-server","krb5-telnet","ftpd","ftpd-ssl","inetutils-ftpd","vsftpd","proftpd","proftpd-basic","proftpd-core",
				"pure-ftpd","pyftpd","tftpd","tftpd-hpa","atftpd","tftp-server","tftp-hpa","rsh-server","rsh-redone-server"]}]}}`),
			"PLB-031"},
		{"file-systems", "/tmp is mounted nosuid and nodev",
			"Programs planted in the shared folder must not gain rights. A /tmp that is no mount of its own fails.",
			json.RawMessage(`{"onEmpty":"fail","filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"mountPoint","operator":"equal","value":"/tmp"}]}},
				"evaluator":{"all":[
				{"fact":"nosuid","operator":"equal","value":true},
				{"fact":"nodev","operator":"equal","value":true}]}}`),
			"PLB-028"},
		{"file-systems", "No file system is nearly full",
			"A full disk stops services and their logs. Read-only file systems are out of scope.",
			json.RawMessage(`{"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[
				{"fact":"readOnly","operator":"equal","value":false},
				{"fact":"usedPercent","operator":"exists","value":true}]}},
				"evaluator":{"all":[{"fact":"usedPercent","operator":"lessThan","value":90}]}}`),
			"PLB-050"},
		{"kernel-settings", "Address space randomisation is full",
			"Random addresses make memory faults hard to abuse.",
			json.RawMessage(`{"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"name","operator":"equal","value":"kernel.randomize_va_space"}]}},
				"evaluator":{"all":[{"fact":"value","operator":"equal","value":2}]}}`),
			"PLB-028"},
		{"kernel-settings", "Links and files in shared folders are protected",
			"Planted links, pipes and files in /tmp are a common way to more rights.",
			json.RawMessage(`{"filteringCriteria":{"mode":"inclusion","evaluator":{"all":[{"fact":"name","operator":"startsWith","value":"fs.protected_"}]}},
				"evaluator":{"all":[{"fact":"value","operator":"greaterThanInclusive","value":1}]}}`),
			"PLB-028"},
		{"kernel-settings", "The kernel ignores redirects and source routes",
			"Neighbours on the network must not choose where packets go.",
			json.RawMessage(`{"filteringCriteria":{"mode":"inclusion","evaluator":{"any":[
				{"fact":"name","operator":"endsWith","value":".accept_redirects"},
				{"fact":"name","operator":"endsWith","value":".accept_source_route"}]}},
				"evaluator":{"all":[{"fact":"value","operator":"lessThanInclusive","value":0}]}}`),
			"PLB-028"},
	}
	for i := range tests {
		tests[i].Logic = compactJSON(tests[i].Logic)
	}
	return tests
}
