package database

import (
	"strconv"
	"strings"
)

// Conditions gathers what a query asks for, with the values it asks for. Its text depends on which conditions there are, never
// on their values, so it can be kept prepared.
type Conditions struct {
	Args []any // the values of $1, $2 …

	where []string
}

// Arg adds a value and gives its placeholder.
func (c *Conditions) Arg(v any) string {
	c.Args = append(c.Args, v)
	return "$" + strconv.Itoa(len(c.Args))
}

// List adds values and gives their placeholders, as IN takes them.
func (c *Conditions) List(values []string) string {
	holders := make([]string, len(values))
	for i, v := range values {
		holders[i] = c.Arg(v)
	}
	return strings.Join(holders, ", ")
}

// And adds a condition that has to hold as well.
func (c *Conditions) And(condition string) { c.where = append(c.where, condition) }

// Any adds that one of the conditions has to hold; without any nothing is found.
func (c *Conditions) Any(conditions []string) {
	if len(conditions) == 0 {
		conditions = []string{"1 = 0"}
	}
	c.And("(" + strings.Join(conditions, " OR ") + ")")
}

// Where is the text of all conditions; without one everything is found.
func (c *Conditions) Where() string {
	if len(c.where) == 0 {
		return "1 = 1"
	}
	return strings.Join(c.where, " AND ")
}

// Either is the text of the conditions when one of them is enough.
func (c *Conditions) Either() string { return strings.Join(c.where, " OR ") }

// Under is the condition that a column of paths is a path or below it: a run of an index.
func (c *Conditions) Under(column, path string) string {
	return column + " >= " + c.Arg(path) + " AND " + column + " < " + c.Arg(path[:len(path)-1]+"0")
}
