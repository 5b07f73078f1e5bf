package vtl

import "iter"

// Overrides is what the templates of one exchange wrote under $context.requestOverride and
// $context.responseOverride. The zero Overrides is ready to use; share one between the request template and the
// response template. Values are the printed form of what was set; names keep their case and order.
type Overrides struct{}

// RequestHeader, RequestPath and RequestQuery list $context.requestOverride.{header,path,querystring}.
func (o *Overrides) RequestHeader() iter.Seq2[string, string] { return none }

// RequestPath: see RequestHeader.
func (o *Overrides) RequestPath() iter.Seq2[string, string] { return none }

// RequestQuery: see RequestHeader.
func (o *Overrides) RequestQuery() iter.Seq2[string, string] { return none }

// ResponseHeader lists $context.responseOverride.header.
func (o *Overrides) ResponseHeader() iter.Seq2[string, string] { return none }

// ResponseStatus is $context.responseOverride.status where it was set to a number.
func (o *Overrides) ResponseStatus() (int, bool) { return 0, false }

func none(func(string, string) bool) {}
