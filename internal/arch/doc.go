// Package arch holds the tests of the architecture: which package may import
// which (table_test.go), where SQL and clocks may stand, how packages are named
// and how long files are. A change of the table is a decision record in
// docs/adr/.
package arch
