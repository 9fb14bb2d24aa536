//go:build race

package strictjson

// The race detector makes sync.Pool forget at random, so allocations cannot be
// counted under it.
const raceDetector = true
