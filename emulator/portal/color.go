package portal

import (
	"fmt"
	"strconv"
)

// Colors are those of a portal's theme, in CSS's words.
type Colors struct{ Accent, Background, ErrorValidation, Header, Navigation, Text string }

// css sets the colors in a style sheet. Who made the theme has seen to it that each is one value.
func (c Colors) css() string {
	if c == (Colors{}) {
		return ""
	}
	return fmt.Sprintf(":root { --accent: %s; --background: %s; --header: %s; --header-text: %s; --navigation: %s; --text: %s; --error: %s }\n",
		c.Accent, c.Background, c.Header, readable(c.Header, c.Text), c.Navigation, c.Text, c.ErrorValidation)
}

// readable is a color for text on another: a theme has none for its header. Where the other's brightness
// is not known, that of all text.
func readable(on, text string) string {
	if len(on) == 4 && on[0] == '#' {
		on = string([]byte{'#', on[1], on[1], on[2], on[2], on[3], on[3]})
	}
	n, err := strconv.ParseUint(on[min(1, len(on)):], 16, 32)
	if len(on) != 7 || on[0] != '#' || err != nil {
		return text
	}
	r, g, b := n>>16, n>>8&0xff, n&0xff
	if 299*r+587*g+114*b < 128*1000 { // as W3C's accessibility techniques weigh them
		return "#ffffff"
	}
	return "#000000"
}
