package lambda

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// checkCors is what the model bounds of the CORS configuration of a function URL. That AWS prints lists whole is
// recorded of others.
func checkCors(c *types.Cors) error {
	if c == nil {
		return nil
	}
	var v violations
	v.checkCorsList("cors.allowHeaders", c.AllowHeaders, 100, 0, 1024)
	v.checkCorsList("cors.allowMethods", c.AllowMethods, 6, 0, 6)
	v.checkCorsList("cors.allowOrigins", c.AllowOrigins, 100, 1, 253)
	v.checkCorsList("cors.exposeHeaders", c.ExposeHeaders, 100, 0, 1024)
	v.between("cors.maxAge", c.MaxAge, 0, 86400)
	return v.err()
}

// checkCorsList notes a list of too many items, and one with an item that is too short or too long.
func (v *violations) checkCorsList(member string, list []string, items, least, most int) {
	if len(list) > items {
		v.Add(member, spell(list), fmt.Sprintf("Member must have length less than or equal to %d", items))
	}
	if slices.ContainsFunc(list, func(s string) bool { return len(s) < least || len(s) > most }) {
		v.Add(member, spell(list), fmt.Sprintf("Member must satisfy constraint: [Member must have length less than or equal to %d, "+
			"Member must have length greater than or equal to %d, Member must satisfy regular expression pattern: .*, Member must not be null]", most, least))
	}
}
