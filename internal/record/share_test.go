package record

import (
	"strings"
	"testing"
)

func TestShare(t *testing.T) {
	for _, n := range []int{0, 1, 63, 64, 65, 1000} {
		did := make([]int, n)
		share(n, func(i int) { did[i]++ })
		for i, times := range did {
			if times != 1 {
				t.Errorf("%d of %d was done %d times", i, n, times)
			}
		}
	}
	defer func() {
		if p := recover(); p == nil || !strings.Contains(p.(string), "broken") {
			t.Errorf("the panic is %v", p)
		}
	}()
	share(1000, func(int) {
		panic("broken")
	})
}
