package casework

import (
	"maps"
	"slices"
)

// CheckCodes lists the rules of Check.
func CheckCodes() []string { return slices.Sorted(maps.Keys(checkRules)) }
