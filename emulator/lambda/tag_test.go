package lambda

import (
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
)

// Recorded 2024-04 (the life of tags).
func TestTagsAreAddedReplacedAndRemoved(t *testing.T) {
	b := newBench(t)
	b.create(t, "f", func(in *sdk.CreateFunctionInput) { in.Tags = map[string]string{"_custom_id_": "mine"} })
	before := *b.configuration(t, "f").RevisionId
	arn := aws.String(prefix + "f")
	tag := func(tags map[string]string) error {
		_, err := b.TagResource(asCaller, &sdk.TagResourceInput{Resource: arn, Tags: tags})
		return err
	}
	untag := func(keys ...string) error {
		_, err := b.UntagResource(asCaller, &sdk.UntagResourceInput{Resource: arn, TagKeys: keys})
		return err
	}
	for _, step := range []struct {
		err  error
		do   func() error
		want map[string]string
	}{
		{do: func() error { return tag(map[string]string{"A": "a", "B": "b"}) }, want: map[string]string{"_custom_id_": "mine", "A": "a", "B": "b"}},
		{do: func() error { return tag(map[string]string{"B": "b2"}) }, want: map[string]string{"_custom_id_": "mine", "A": "a", "B": "b2"}},
		{do: func() error { return untag("A", "F") }, want: map[string]string{"_custom_id_": "mine", "B": "b2"}},
		{do: func() error { return untag("B", "_custom_id_") }, want: map[string]string{}},
	} {
		check(t, step.do())
		out, err := b.ListTags(asCaller, &sdk.ListTagsInput{Resource: arn})
		check(t, err)
		if !maps.Equal(out.Tags, step.want) {
			t.Errorf("got %v, want %v", out.Tags, step.want)
		}
		fn, err := b.GetFunction(asCaller, &sdk.GetFunctionInput{FunctionName: aws.String("f")})
		check(t, err)
		if !maps.Equal(fn.Tags, step.want) {
			t.Errorf("GetFunction has %v, want %v", fn.Tags, step.want)
		}
		if *fn.Configuration.RevisionId == before {
			t.Error("tags are part of the revision")
		}
		before = *fn.Configuration.RevisionId
	}
}
