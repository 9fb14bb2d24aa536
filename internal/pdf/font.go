package pdf

import (
	"sync"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// lastCovered is the end of the plane of characters that a font of a PDF can
// have.
const lastCovered = 0xffff

// glyphs tells of each character whether both fonts have it.
var glyphs = sync.OnceValue(func() []bool {
	out := make([]bool, lastCovered)
	for i, text := range [][]byte{goregular.TTF, gobold.TTF} {
		font, err := sfnt.Parse(text)
		if err != nil {
			panic(err) // it is compiled in
		}
		var b sfnt.Buffer
		for r := range out {
			glyph, err := font.GlyphIndex(&b, rune(r))
			out[r] = err == nil && glyph != 0 && (i == 0 || out[r])
		}
	}
	return out
})

// covered reports whether the fonts have a character.
func covered(r rune) bool { return r >= 0 && r < lastCovered && glyphs()[r] }
