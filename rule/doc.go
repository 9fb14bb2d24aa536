// Package rule parses, compiles and evaluates the rules of tests: one record
// in, one outcome out, with the reason. It does no I/O and reads no clock.
package rule
