package logs

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"postern/emulator/store"
	"postern/emulator/wire"
)

var (
	scope = store.Scope{Account: "123456789012", Region: "eu-west-1"}
	ctx   = wire.WithCaller(context.Background(), wire.Caller{AccountID: scope.Account, Region: scope.Region})
	start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
)

// a is a pointer to its argument, which the SDK wants everywhere.
func a[T any](v T) *T { return &v }

// ms is n milliseconds after start, as the SDK counts.
func ms(n int64) *int64 { return a(start.UnixMilli() + n) }

// newService has a clock that stands at start until the test moves it.
func newService(t *testing.T) (*Service, *time.Time) {
	t.Helper()
	now := start
	st, err := store.Open(context.Background(), store.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return New(Options{Store: st}), &now
}

// must returns the output of an operation that may not fail.
func must[O any](t *testing.T) func(*O, error) *O {
	return func(out *O, err error) *O {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// withStreams has the group g with some streams.
func withStreams(t *testing.T, names ...string) (*Service, *time.Time) {
	s, now := newService(t)
	must[cloudwatchlogs.CreateLogGroupOutput](t)(s.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: a("g")}))
	for _, n := range names {
		must[cloudwatchlogs.CreateLogStreamOutput](t)(s.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: a("g"), LogStreamName: &n}))
	}
	return s, now
}

func put(t *testing.T, s *Service, stream string, at ...int64) *cloudwatchlogs.PutLogEventsOutput {
	t.Helper()
	in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: a("g"), LogStreamName: &stream}
	for _, n := range at {
		in.LogEvents = append(in.LogEvents, types.InputLogEvent{Timestamp: ms(n), Message: a(fmt.Sprint("m", n))})
	}
	return must[cloudwatchlogs.PutLogEventsOutput](t)(s.PutLogEvents(ctx, in))
}

// wantError compares "Code: text".
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) {
		t.Errorf("got %v, want %s", err, want)
		return
	}
	if got := e.ErrorCode() + ": " + e.ErrorMessage(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEveryOperationOfTheSDKIsServedOrRefusedWithAReason(t *testing.T) {
	w := New(Options{}).Wire()
	served := map[string]bool{}
	for _, op := range w.Operations {
		served[op.Name] = true
	}
	client := reflect.TypeFor[*cloudwatchlogs.Client]()
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if name == "Options" {
			continue
		}
		if served[name] == (w.Unsupported[name] != "") {
			t.Errorf("%s: served %v, refused because %q", name, served[name], w.Unsupported[name])
		}
	}
	if n := client.NumMethod() - 1; len(served)+len(w.Unsupported) != n {
		t.Errorf("%d served and %d refused of %d", len(served), len(w.Unsupported), n)
	}
}

func TestGroupsAndStreamsAreThereOnceAndGoTogether(t *testing.T) {
	s, _ := withStreams(t, "s")
	put(t, s, "s", 0)
	_, err := s.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: a("g")})
	wantError(t, err, "ResourceAlreadyExistsException: The specified log group already exists")
	_, err = s.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: a("g"), LogStreamName: a("s")})
	wantError(t, err, "ResourceAlreadyExistsException: The specified log stream already exists")
	_, err = s.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: a("h"), LogStreamName: a("s")})
	wantError(t, err, "ResourceNotFoundException: The specified log group does not exist.")
	_, err = s.DeleteLogStream(ctx, &cloudwatchlogs.DeleteLogStreamInput{LogGroupName: a("g"), LogStreamName: a("x")})
	wantError(t, err, "ResourceNotFoundException: The specified log stream does not exist.")
	must[cloudwatchlogs.DeleteLogGroupOutput](t)(s.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: a("g")}))
	_, err = s.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: a("g")})
	wantError(t, err, "ResourceNotFoundException: The specified log group does not exist.")
	must[cloudwatchlogs.CreateLogGroupOutput](t)(s.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: a("g")}))
	out := must[cloudwatchlogs.DescribeLogStreamsOutput](t)(s.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: a("g")}))
	if len(out.LogStreams) != 0 {
		t.Errorf("%d streams survived", len(out.LogStreams))
	}
}

func TestNamesAndLimitsAreChecked(t *testing.T) {
	s, _ := withStreams(t, "s")
	for _, c := range []struct {
		name string
		do   func() error
		want string
	}{
		{"group name", func() error {
			_, err := s.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: a("a b")})
			return err
		}, `InvalidParameterException: 1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`},
		{"stream name", func() error {
			_, err := s.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: a("g"), LogStreamName: a("a:b")})
			return err
		}, `InvalidParameterException: 1 validation error detected: Value 'a:b' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*`},
		{"limit", func() error {
			_, err := s.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: a("g"), Limit: a(int32(10001))})
			return err
		}, `InvalidParameterException: 1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000`},
		{"token", func() error {
			_, err := s.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: a("g"), LogStreamName: a("s"), NextToken: a("x")})
			return err
		}, `InvalidParameterException: The specified nextToken is invalid.`},
		{"order with prefix", func() error {
			_, err := s.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: a("g"), OrderBy: types.OrderByLastEventTime, LogStreamNamePrefix: a("s")})
			return err
		}, `InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix.`},
		{"chronology", func() error {
			_, err := s.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: a("g"), LogStreamName: a("s"),
				LogEvents: []types.InputLogEvent{{Timestamp: ms(2), Message: a("x")}, {Timestamp: ms(1), Message: a("x")}}})
			return err
		}, `InvalidParameterException: Log events in a single PutLogEvents request must be in chronological order.`},
		{"retention", func() error {
			_, err := s.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: a("g"), RetentionInDays: a(int32(2))})
			return err
		}, `InvalidParameterException: 1 validation error detected: Value '2' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]`},
		{"no such group", func() error {
			_, err := s.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: a("h")})
			return err
		}, `ResourceNotFoundException: The specified log group does not exist.`},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, c.do(), c.want) })
	}
}

func TestGroupsAreListedByNameInPages(t *testing.T) {
	s, _ := newService(t)
	for i := range 60 {
		must[cloudwatchlogs.CreateLogGroupOutput](t)(s.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: a(fmt.Sprintf("/p/%02d", i))}))
	}
	names := func(in *cloudwatchlogs.DescribeLogGroupsInput) (out []string, pages int) {
		for {
			page := must[cloudwatchlogs.DescribeLogGroupsOutput](t)(s.DescribeLogGroups(ctx, in))
			pages++
			for _, g := range page.LogGroups {
				out = append(out, *g.LogGroupName)
			}
			if in.NextToken = page.NextToken; in.NextToken == nil {
				return out, pages
			}
		}
	}
	if all, pages := names(&cloudwatchlogs.DescribeLogGroupsInput{}); len(all) != 60 || pages != 2 || all[59] != "/p/59" {
		t.Errorf("%d groups in %d pages", len(all), pages)
	}
	got, pages := names(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: a("3"), Limit: a(int32(7))})
	if len(got) != 15 || pages != 3 {
		t.Errorf("pattern: %v in %d pages", got, pages)
	}
	got, _ = names(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: a("/p/1")})
	if len(got) != 10 {
		t.Errorf("prefix: %v", got)
	}
	out := must[cloudwatchlogs.DescribeLogGroupsOutput](t)(s.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: a("/p/07")}))
	want := []types.LogGroup{{
		Arn:                       a("arn:aws:logs:eu-west-1:123456789012:log-group:/p/07:*"),
		LogGroupArn:               a("arn:aws:logs:eu-west-1:123456789012:log-group:/p/07"),
		CreationTime:              ms(0),
		DeletionProtectionEnabled: a(false),
		LogGroupClass:             types.LogGroupClassStandard,
		LogGroupName:              a("/p/07"),
		MetricFilterCount:         a(int32(0)),
		StoredBytes:               a(int64(0)),
	}}
	if diff := cmp.Diff(want, out.LogGroups, cmp.AllowUnexported(types.LogGroup{}), cmp.FilterPath(isSerde, cmp.Ignore())); diff != "" {
		t.Error(diff)
	}
}

func isSerde(p cmp.Path) bool { return strings.HasSuffix(p.String(), "noSmithyDocumentSerde") }

func TestStreamsAreListedByNameOrLastEvent(t *testing.T) {
	s, _ := withStreams(t, "a", "ab", "b", "c")
	put(t, s, "b", 5)
	put(t, s, "a", 1, 9)
	for _, c := range []struct {
		in   cloudwatchlogs.DescribeLogStreamsInput
		want string
	}{
		{cloudwatchlogs.DescribeLogStreamsInput{}, "a ab b c"},
		{cloudwatchlogs.DescribeLogStreamsInput{LogStreamNamePrefix: a("a")}, "a ab"},
		{cloudwatchlogs.DescribeLogStreamsInput{Descending: a(true)}, "c b ab a"},
		{cloudwatchlogs.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime}, "ab c b a"},
		{cloudwatchlogs.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime, Descending: a(true)}, "a b c ab"},
	} {
		for limit := range int32(5) {
			in := c.in
			in.LogGroupIdentifier = a("arn:aws:logs:eu-west-1:123456789012:log-group:g:*")
			if limit > 0 {
				in.Limit = &limit
			}
			var got []string
			for {
				page := must[cloudwatchlogs.DescribeLogStreamsOutput](t)(s.DescribeLogStreams(ctx, &in))
				for _, st := range page.LogStreams {
					got = append(got, *st.LogStreamName)
				}
				if in.NextToken = page.NextToken; in.NextToken == nil {
					break
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%+v by %d: %v, want %s", c.in, limit, got, c.want)
			}
		}
	}
	out := must[cloudwatchlogs.DescribeLogStreamsOutput](t)(s.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: a("g")}))
	first := out.LogStreams[0]
	if *first.FirstEventTimestamp != *ms(1) || *first.LastEventTimestamp != *ms(9) || *first.LastIngestionTime != *ms(0) ||
		*first.Arn != "arn:aws:logs:eu-west-1:123456789012:log-group:g:log-stream:a" {
		t.Errorf("%+v", first)
	}
	if out.LogStreams[1].FirstEventTimestamp != nil {
		t.Error("a stream without events has a first one")
	}
}

func TestEventsTooOldTooNewOrExpiredAreLeftOut(t *testing.T) {
	s, _ := withStreams(t, "s")
	const hour, day = int64(3_600_000), int64(86_400_000)
	out := put(t, s, "s", -15*day, -14*day-1, -hour, 0, 2*hour, 2*hour+1, 3*hour)
	if i := out.RejectedLogEventsInfo; i == nil || *i.TooOldLogEventEndIndex != 2 || *i.TooNewLogEventStartIndex != 5 || i.ExpiredLogEventEndIndex != nil {
		t.Errorf("%+v", i)
	}
	must[cloudwatchlogs.PutRetentionPolicyOutput](t)(s.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: a("g"), RetentionInDays: a(int32(1))}))
	out = put(t, s, "s", -day-1, -day+1, 0)
	if i := out.RejectedLogEventsInfo; i == nil || *i.ExpiredLogEventEndIndex != 1 {
		t.Errorf("%+v", i)
	}
	_, err := s.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: a("g"), LogStreamName: a("s"),
		LogEvents: []types.InputLogEvent{{Timestamp: ms(-day + 1), Message: a("x")}, {Timestamp: ms(2), Message: a("x")}}})
	wantError(t, err, "InvalidParameterException: The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
}

func TestRetentionHidesAtOnceAndDeletesLater(t *testing.T) {
	s, now := withStreams(t, "s")
	put(t, s, "s", 0, 10)
	size := func() int64 {
		out := must[cloudwatchlogs.DescribeLogGroupsOutput](t)(s.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{}))
		return *out.LogGroups[0].StoredBytes
	}
	if n := size(); n != 2*26+2+3 {
		t.Errorf("%d bytes", n)
	}
	must[cloudwatchlogs.PutRetentionPolicyOutput](t)(s.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: a("g"), RetentionInDays: a(int32(1))}))
	*now = start.Add(24*time.Hour + 5*time.Millisecond)
	if got := filter(t, s, cloudwatchlogs.FilterLogEventsInput{}); got != "m10" {
		t.Errorf("got %q", got)
	}
	s.Append(scope, "g", "s", []Event{{*now, "new"}})
	if got := filter(t, s, cloudwatchlogs.FilterLogEventsInput{}); got != "m10 new" {
		t.Errorf("got %q", got)
	}
	if n := size(); n != 2*26+3+3 {
		t.Errorf("%d bytes", n)
	}
}

// filter returns the messages that all pages of FilterLogEvents have.
func filter(t *testing.T, s *Service, in cloudwatchlogs.FilterLogEventsInput) string {
	t.Helper()
	in.LogGroupName = a("g")
	var got []string
	for {
		out := must[cloudwatchlogs.FilterLogEventsOutput](t)(s.FilterLogEvents(ctx, &in))
		for _, e := range out.Events {
			got = append(got, *e.Message)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return strings.Join(got, " ")
		}
	}
}

func TestFilterLogEventsInterleavesStreams(t *testing.T) {
	s, _ := withStreams(t, "a", "ab", "b")
	put(t, s, "a", 1, 4, 7)
	put(t, s, "ab", 2, 5, 8)
	put(t, s, "b", 3, 6, 9)
	for _, c := range []struct {
		in   cloudwatchlogs.FilterLogEventsInput
		want string
	}{
		{cloudwatchlogs.FilterLogEventsInput{}, "m1 m2 m3 m4 m5 m6 m7 m8 m9"},
		{cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{"a", "b"}}, "m1 m3 m4 m6 m7 m9"},
		{cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{"b"}}, "m3 m6 m9"},
		{cloudwatchlogs.FilterLogEventsInput{LogStreamNamePrefix: a("a")}, "m1 m2 m4 m5 m7 m8"},
		{cloudwatchlogs.FilterLogEventsInput{StartTime: ms(4), EndTime: ms(6)}, "m4 m5 m6"},
		{cloudwatchlogs.FilterLogEventsInput{StartTime: ms(4), StartFromHead: a(false)}, "m9 m8 m7 m6 m5 m4"},
		{cloudwatchlogs.FilterLogEventsInput{FilterPattern: a("?m1 ?m5")}, "m1 m5"},
	} {
		for limit := range int32(4) {
			if limit > 0 {
				c.in.Limit = &limit
			}
			if got := filter(t, s, c.in); got != c.want {
				t.Errorf("%+v: %s, want %s", c.in, got, c.want)
			}
		}
	}
	_, err := s.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: a("g"), StartTime: a(int64(0)), StartFromHead: a(false)})
	wantError(t, err, "InvalidParameterException: Setting startFromHead to false is supported only when startTime is on or after Jan 1, 2024 00:00:00 UTC.")
}

func TestTheTokensOfGetLogEventsStayPutAtTheEnds(t *testing.T) {
	s, _ := withStreams(t, "s")
	put(t, s, "s", 1, 2, 3, 4, 5)
	get := func(in cloudwatchlogs.GetLogEventsInput) (string, *cloudwatchlogs.GetLogEventsOutput) {
		t.Helper()
		in.LogGroupName, in.LogStreamName, in.Limit = a("g"), a("s"), a(int32(2))
		out := must[cloudwatchlogs.GetLogEventsOutput](t)(s.GetLogEvents(ctx, &in))
		var got []string
		for _, e := range out.Events {
			got = append(got, *e.Message)
		}
		return strings.Join(got, " "), out
	}
	expect := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	tail, out := get(cloudwatchlogs.GetLogEventsInput{})
	expect(tail, "m4 m5")
	end, at := get(cloudwatchlogs.GetLogEventsInput{NextToken: out.NextForwardToken})
	expect(end, "")
	expect(*at.NextForwardToken, *out.NextForwardToken)
	put(t, s, "s", 6)
	more, _ := get(cloudwatchlogs.GetLogEventsInput{NextToken: at.NextForwardToken})
	expect(more, "m6")
	back, out := get(cloudwatchlogs.GetLogEventsInput{NextToken: out.NextBackwardToken})
	expect(back, "m2 m3")
	back, out = get(cloudwatchlogs.GetLogEventsInput{NextToken: out.NextBackwardToken})
	expect(back, "m1")
	back, at = get(cloudwatchlogs.GetLogEventsInput{NextToken: out.NextBackwardToken})
	expect(back, "")
	expect(*at.NextBackwardToken, *out.NextBackwardToken)
	head, _ := get(cloudwatchlogs.GetLogEventsInput{StartFromHead: a(true), StartTime: ms(2), EndTime: ms(3)})
	expect(head, "m2")
}

func TestAPageEndsAtOneMegabyte(t *testing.T) {
	s, _ := withStreams(t, "s")
	for i := range int64(5) {
		s.Append(scope, "g", "s", []Event{{start.Add(time.Duration(i)), strings.Repeat("x", 400_000)}})
	}
	out := must[cloudwatchlogs.GetLogEventsOutput](t)(s.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: a("g"), LogStreamName: a("s"), StartFromHead: a(true)}))
	if len(out.Events) != 2 {
		t.Errorf("%d events", len(out.Events))
	}
	if got := filter(t, s, cloudwatchlogs.FilterLogEventsInput{}); len(got) != 5*400_000+4 {
		t.Errorf("%d bytes", len(got))
	}
}

// Events of one stream wait together, whoever adds them, and are seen by who has added them.
func TestAppendsAtOnceToOneStreamAreSeenAndKeepTheirOrder(t *testing.T) {
	s, _ := newService(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				message := fmt.Sprintf("w%d/%d", i, j)
				s.Append(scope, "g", "s", []Event{{start, message + strings.Repeat(" x", 500)}})
				if j%10 > 0 {
					continue
				}
				if got := filter(t, s, cloudwatchlogs.FilterLogEventsInput{FilterPattern: a(`"` + message + ` "`)}); strings.Count(got, "w") != 1 {
					t.Errorf("%s is not there once: %.100s", message, got)
				}
			}
		})
	}
	all.Wait()
	out, err := s.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: a("g")})
	if err != nil || len(out.Events) != 400 {
		t.Fatalf("%d events, %v, want 400", len(out.Events), err)
	}
	next := map[string]int{}
	for _, e := range out.Events {
		who, number, _ := strings.Cut(strings.Fields(*e.Message)[0], "/")
		if number != fmt.Sprint(next[who]) {
			t.Errorf("%s comes after %d others of %s", *e.Message, next[who], who)
		}
		next[who]++
	}
}

func TestAppendMakesGroupAndStreamAndReadsSeeItAtOnce(t *testing.T) {
	s, _ := newService(t)
	const name = "/aws/lambda/hello"
	s.Append(scope, name, "2026/03/04/[$LATEST]0123", []Event{{start, "START\n"}, {start, "END\n"}})
	out := must[cloudwatchlogs.FilterLogEventsOutput](t)(s.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: a(name)}))
	if len(out.Events) != 2 || *out.Events[1].Message != "END\n" || *out.Events[0].EventId == *out.Events[1].EventId {
		t.Errorf("%+v", out.Events)
	}
	s.Append(scope, name, "s", []Event{{start, "late"}})
	must[cloudwatchlogs.DeleteLogGroupOutput](t)(s.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: a(name)}))
	_, err := s.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: a(name)})
	wantError(t, err, "ResourceNotFoundException: The specified log group does not exist.")
}

// The loop of "aws logs tail --follow": it asks from the newest timestamp it has
// seen and drops the event ids it knows.
func TestFollowingByPollingSeesEveryEventOnce(t *testing.T) {
	s, _ := withStreams(t)
	seen := map[string]bool{}
	from := ms(0)
	var got []string
	poll := func() {
		in := cloudwatchlogs.FilterLogEventsInput{LogGroupIdentifier: a("arn:aws:logs:eu-west-1:123456789012:log-group:g"), StartTime: from, Limit: a(int32(2))}
		for {
			out := must[cloudwatchlogs.FilterLogEventsOutput](t)(s.FilterLogEvents(ctx, &in))
			for _, e := range out.Events {
				if !seen[*e.EventId] {
					got = append(got, *e.Message)
				}
				seen[*e.EventId], from = true, e.Timestamp
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return
			}
		}
	}
	for i := range 10 {
		for j := range 3 {
			s.Append(scope, "g", fmt.Sprint("s", j), []Event{{start.Add(time.Duration(i/2) * time.Millisecond), fmt.Sprint(i, j)}})
		}
		poll()
	}
	if len(got) != 30 {
		t.Errorf("%d events: %v", len(got), got)
	}
}

func TestTagsByBothNamesOfTheOperations(t *testing.T) {
	s, _ := withStreams(t)
	arn := a("arn:aws:logs:eu-west-1:123456789012:log-group:g")
	must[cloudwatchlogs.TagResourceOutput](t)(s.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"a": "1", "b": "2"}}))
	must[cloudwatchlogs.TagLogGroupOutput](t)(s.TagLogGroup(ctx, &cloudwatchlogs.TagLogGroupInput{LogGroupName: a("g"), Tags: map[string]string{"b": "3", "c": ""}}))
	must[cloudwatchlogs.UntagResourceOutput](t)(s.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: a(*arn + ":*"), TagKeys: []string{"a", "x"}}))
	out := must[cloudwatchlogs.ListTagsForResourceOutput](t)(s.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: arn}))
	if diff := cmp.Diff(map[string]string{"b": "3", "c": ""}, out.Tags); diff != "" {
		t.Error(diff)
	}
	must[cloudwatchlogs.UntagLogGroupOutput](t)(s.UntagLogGroup(ctx, &cloudwatchlogs.UntagLogGroupInput{LogGroupName: a("g"), Tags: []string{"b", "c"}}))
	old := must[cloudwatchlogs.ListTagsLogGroupOutput](t)(s.ListTagsLogGroup(ctx, &cloudwatchlogs.ListTagsLogGroupInput{LogGroupName: a("g")}))
	if len(old.Tags) != 0 {
		t.Errorf("%v", old.Tags)
	}
	_, err := s.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: a(*arn + "x"), Tags: map[string]string{"a": "1"}})
	wantError(t, err, "ResourceNotFoundException: The specified log group does not exist.")
}

func TestProtectedGroupsAreNotDeleted(t *testing.T) {
	s, _ := withStreams(t)
	protect := func(on bool) {
		must[cloudwatchlogs.PutLogGroupDeletionProtectionOutput](t)(s.PutLogGroupDeletionProtection(ctx,
			&cloudwatchlogs.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: a("g"), DeletionProtectionEnabled: &on}))
	}
	protect(true)
	_, err := s.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: a("g")})
	var refused *types.ValidationException
	if !errors.As(err, &refused) {
		t.Error(err)
	}
	protect(false)
	must[cloudwatchlogs.DeleteLogGroupOutput](t)(s.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("g")}))
}
