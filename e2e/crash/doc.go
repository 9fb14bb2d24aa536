// Package crash holds the proof that a killed server loses nothing that it
// acknowledged. The test builds the real program and kills it many times, so it
// runs with the build tag crash only, and without the race detector, which
// would slow the database twentyfold: go test -tags crash ./e2e/crash
package crash
