package jsonpath

// A JSON value is one of
//
//	nil, bool, string, int32, int64, *big.Int, float64, *Decimal, *Object, *Array
//
// with numbers typed as json-smart types them: the smallest of int32, int64 and
// big.Int that holds an integer, float64 for a fraction, Decimal for one
// written with more than 18 characters. Strings are WTF-8: a lone \ud800 escape is kept as its
// three-byte encoding, so that Java's idea of length and substring can be reproduced.
// Templates change values in place; a value is not safe for concurrent use.

// An Object is a JSON object in the order of its text; a repeated name keeps its first place
// and its last value. The zero Object is empty and ready to use.
type Object struct {
	members []Member
	index   map[string]int // built when members outgrow linear search
}

// A Member is one name and value of an Object.
type Member struct {
	Name  string
	Value any
}

// indexFrom is the number of members from which an Object keeps a map.
const indexFrom = 12

// Len is the number of members.
func (o *Object) Len() int { return len(o.members) }

// Members lists the members in order. The slice is the Object's own: valid until the next change.
func (o *Object) Members() []Member { return o.members }

// Get returns the value of a member and whether there is one; a JSON null is (nil, true).
func (o *Object) Get(name string) (any, bool) {
	if i := o.find(name); i >= 0 {
		return o.members[i].Value, true
	}
	return nil, false
}

// Set adds a member at the end, or replaces the value of the one there is.
func (o *Object) Set(name string, value any) {
	if i := o.find(name); i >= 0 {
		o.members[i].Value = value
		return
	}
	o.members = append(o.members, Member{name, value})
	switch {
	case o.index != nil:
		o.index[name] = len(o.members) - 1
	case len(o.members) == indexFrom:
		o.reindex()
	}
}

// Delete removes a member and returns its value.
func (o *Object) Delete(name string) (any, bool) {
	i := o.find(name)
	if i < 0 {
		return nil, false
	}
	old := o.members[i].Value
	o.members = append(o.members[:i], o.members[i+1:]...)
	if o.index != nil {
		o.reindex()
	}
	return old, true
}

// Clear removes all members.
func (o *Object) Clear() { o.members, o.index = nil, nil }

func (o *Object) find(name string) int {
	if o.index != nil {
		if i, ok := o.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range o.members {
		if o.members[i].Name == name {
			return i
		}
	}
	return -1
}

func (o *Object) reindex() {
	o.index = make(map[string]int, 2*len(o.members))
	for i := range o.members {
		o.index[o.members[i].Name] = i
	}
}

// An Array is a JSON array.
type Array struct {
	Items []any
}
