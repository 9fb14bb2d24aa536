package arch

import "slices"

// row says what a package, and each package below it that has no row of its
// own, may import from this module. Packages of one row may import each other.
type row struct {
	pkg  string
	may  []string
	test []string // what its test files may import besides
}

var (
	// kernel is what every concept is built on.
	kernel = []string{"internal/fault", "internal/page", "internal/strictjson"}
	// engines judge data and know nothing of the product.
	engines  = []string{"rule", "internal/schedule", "internal/schema"}
	concepts = []string{
		"internal/access", "internal/account", "internal/asset", "internal/catalog", "internal/check", "internal/collection", "internal/connection", "internal/control", "internal/customfield", "internal/diagnosis", "internal/directory", "internal/event",
		"internal/evidence", "internal/live", "internal/notify", "internal/record",
		"internal/search", "internal/upload",
	}
	// outward feed or follow the concepts.
	outward  = []string{"internal/collect", "internal/collect/host"}
	database = []string{"internal/store", "internal/store/pgserver", "internal/store/storetest"}
)

// anyConcept is the concepts with all they are made of.
var anyConcept = slices.Concat(kernel, engines, concepts)

// table is the import table. What it does not name is refused.
var table = []row{
	{pkg: "internal/fault"},
	{pkg: "internal/strictjson"},
	{pkg: "internal/config"},
	{pkg: "internal/secret"},
	{pkg: "internal/arch"},
	{pkg: "internal/document"},
	{pkg: "internal/outbound"},
	{pkg: "internal/sheet"},
	{pkg: "internal/await"},
	{pkg: "internal/pdf", test: []string{"internal/pdf/pdftest"}},
	{pkg: "internal/pdf/pdftest"},
	{pkg: "rule", test: []string{"internal/fixture", "internal/document"}},
	{pkg: "client"},
	{pkg: "ui"},

	{pkg: "internal/fixture", may: []string{"rule", "internal/document"}},
	{pkg: "internal/page", may: []string{"internal/fault"}},
	{pkg: "internal/schema", may: kernel},
	{pkg: "internal/schedule", may: []string{"internal/fault"}},

	{pkg: "internal/event", may: kernel},
	{pkg: "internal/access", may: with(kernel, "internal/event", "internal/record")},
	{pkg: "internal/connection", may: with(kernel, "internal/schema", "internal/event")},
	{pkg: "internal/record", may: with(kernel, "internal/schema", "internal/connection", "internal/event")},
	{pkg: "internal/check", may: with(kernel, "rule", "internal/schema", "internal/schedule", "internal/record", "internal/connection", "internal/event")},
	{pkg: "internal/control", may: with(kernel, "rule", "internal/sheet", "internal/check", "internal/event")},
	{pkg: "internal/account", may: with(kernel, "rule", "internal/schema", "internal/connection", "internal/event")},
	{pkg: "internal/evidence", may: with(kernel, "internal/control", "internal/check", "internal/record", "internal/event")},
	{pkg: "internal/upload", may: []string{"internal/fault"}},
	{pkg: "internal/asset", may: with(kernel, "internal/access", "internal/connection", "internal/customfield", "internal/record", "internal/event", "internal/sheet", "internal/upload")},
	{pkg: "internal/customfield", may: with(kernel, "internal/access", "internal/event")},

	{pkg: "internal/directory", may: with(kernel, "internal/asset", "internal/connection", "internal/customfield", "internal/record", "internal/event"), test: []string{"internal/schema"}},

	{pkg: "internal/diagnosis", may: with(kernel, "internal/connection", "internal/schema", "internal/event")},
	{pkg: "internal/diagnosis/chat", may: []string{"internal/diagnosis", "internal/outbound"}},

	{pkg: "internal/collect", may: []string{"internal/strictjson", "internal/document", "internal/outbound"}, test: []string{"internal/store/pgserver"}},
	{
		pkg:  "internal/catalog",
		may:  with(kernel, "rule", "internal/schedule", "internal/schema", "internal/document", "internal/connection", "internal/account", "internal/check", "internal/control", "internal/event", "internal/collect", "internal/collection"),
		test: []string{"internal/fixture", "internal/outbound", "internal/store/pgserver"},
	},
	{pkg: "internal/machine"},
	{pkg: "internal/collect/host", may: []string{"internal/machine"}},
	{pkg: "internal/collection", may: with(kernel, "internal/schedule", "internal/collect", "internal/outbound", "internal/record", "internal/connection", "internal/event")},
	{pkg: "internal/notify", may: with(kernel, "internal/event", "internal/outbound"), test: []string{"internal/secret"}},
	{pkg: "internal/search", may: kernel},
	{pkg: "internal/live", may: with(kernel, "internal/event")},
	{pkg: "internal/agent", may: []string{"internal/machine", "internal/collect/host"}},

	{pkg: "internal/store", may: anyConcept, test: database},
	{pkg: "internal/store/storetest", may: with(anyConcept, "internal/store", "internal/await")},
	{pkg: "internal/store/pgserver"},

	// Its tests answer over a real database, with the evaluator running.
	{pkg: "internal/httpapi", may: with(anyConcept, "internal/pdf", "internal/sheet"), test: with(database, "internal/worker", "internal/pdf/pdftest", "internal/diagnosis/chat", "internal/outbound")},
	{pkg: "internal/worker", may: anyConcept, test: database},

	{
		pkg:  "internal/app",
		may:  slices.Concat(anyConcept, outward, []string{"client", "ui", "internal/config", "internal/secret", "internal/outbound", "internal/diagnosis/chat", "internal/store", "internal/httpapi", "internal/worker"}),
		test: database,
	},
	{
		pkg:  "internal/cli",
		may:  slices.Concat(engines, []string{"client", "internal/config", "internal/app", "internal/document", "internal/fixture", "internal/strictjson", "internal/outbound", "internal/collect", "internal/collect/host", "internal/agent"}),
		test: database,
	},
	{pkg: "cmd/plumbline", may: []string{"internal/cli"}},
	{pkg: "e2e", may: []string{"client", "internal/cli", "internal/store/pgserver"}},
}

// everyTest may be imported by the test files of every package.
var everyTest = []string{"internal/await"}

func with(list []string, more ...string) []string { return slices.Concat(list, more) }

// outside holds folders that are not part of the program: measurements, which
// may reach into it as they need.
var outside = []string{"bench"}

// driverHomes are the packages that may import a database driver, and where SQL
// may stand: our own, and where recipes ask those of others.
var driverHomes = []string{"internal/store", "internal/collect/query"}

// drivers are the import paths of database drivers, with all below them.
var drivers = []string{"database/sql", "github.com/jackc/pgx", "github.com/go-mysql-org/go-mysql", "modernc.org/sqlite", "zombiezen.com/go/sqlite"}

// clockless are the packages that take the time as a parameter or through a
// clock that they are given.
var clockless = slices.Concat(kernel, engines, concepts, []string{"internal/fixture"})

// pure are the packages that reach nothing outside the process.
var pure = slices.Concat(engines, []string{"internal/document", "internal/fault", "internal/fixture", "internal/strictjson", "internal/page"})

// effects are the standard packages that reach outside.
var effects = []string{"log", "log/slog", "math/rand", "math/rand/v2", "net", "net/http", "os", "os/exec", "syscall"}
