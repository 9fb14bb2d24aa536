package fault

// Short is the beginning of a text that a message quotes: so many characters at
// most, with an ellipsis behind where it was longer.
func Short(text string, most int) string {
	for i := range text {
		if most == 0 {
			return text[:i] + "…"
		}
		most--
	}
	return text
}
