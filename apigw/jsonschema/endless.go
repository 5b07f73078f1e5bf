package jsonschema

import "errors"

var errEndless = errors.New("a schema refers to itself without end")

// endless refuses schemas that lead to themselves for one and the same value: checking it would not end.
func endless(s *Schema) error {
	seen := map[*Schema]progress{}
	for _, s := range reachable(s) {
		if err := follow(s, seen); err != nil {
			return err
		}
	}
	return nil
}

func reachable(s *Schema) []*Schema {
	all, known := []*Schema{s}, map[*Schema]bool{s: true}
	for i := 0; i < len(all); i++ {
		for _, next := range append(all[i].beside(), all[i].below()...) {
			if !known[next] {
				known[next] = true
				all = append(all, next)
			}
		}
	}
	return all
}

// A progress is how far follow has come with a schema.
type progress int

const (
	begun progress = iota + 1
	done
)

func follow(s *Schema, seen map[*Schema]progress) error {
	switch seen[s] {
	case done:
		return nil
	case begun:
		return errEndless
	}
	seen[s] = begun
	for _, next := range s.beside() {
		if err := follow(next, seen); err != nil {
			return err
		}
	}
	seen[s] = done
	return nil
}

// beside are the schemas that a value has to match which is checked with this one.
func (s *Schema) beside() (all []*Schema) {
	if s.ref != nil {
		return []*Schema{s.ref}
	}
	for _, k := range s.keywords {
		switch k := k.(type) {
		case allOf:
			all = append(all, k...)
		case anyOf:
			all = append(all, k...)
		case oneOf:
			all = append(all, k...)
		case not:
			all = append(all, k.Schema)
		case dependency:
			if k.schema != nil {
				all = append(all, k.schema)
			}
		}
	}
	return all
}

// below are the schemas of what is in a value.
func (s *Schema) below() (all []*Schema) {
	if m := s.members; m != nil {
		for _, n := range m.named {
			all = append(all, n.schema)
		}
		for _, p := range m.matched {
			all = append(all, p.schema)
		}
		if m.rest != nil {
			all = append(all, m.rest)
		}
	}
	if e := s.elements; e != nil {
		all = append(all, e.first...)
		if e.rest != nil {
			all = append(all, e.rest)
		}
	}
	return all
}
