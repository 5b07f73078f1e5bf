package apigateway

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw/limit"
	"postern/emulator/store"
)

// maxUsageDays is how long a range GetUsage answers for.
const maxUsageDays = 90

// usageRange reads the dates of a request as days.
func usageRange(start, end *string) (from, until int, err error) {
	first, err := time.Parse(time.DateOnly, aws.ToString(start))
	if err != nil {
		return 0, 0, badRequest("Invalid start date specified: %s. Must be in the format yyyy-MM-dd", aws.ToString(start))
	}
	last, err := time.Parse(time.DateOnly, aws.ToString(end))
	if err != nil {
		return 0, 0, badRequest("Invalid end date specified: %s. Must be in the format yyyy-MM-dd", aws.ToString(end))
	}
	from, until = limit.DayOf(first), limit.DayOf(last)
	switch {
	case until < from:
		return 0, 0, badRequest("Invalid date range specified. The end date must not be before the start date")
	case until-from >= maxUsageDays:
		return 0, 0, badRequest("Invalid date range specified. The range cannot exceed %d days", maxUsageDays)
	}
	return from, until, nil
}

// GetUsage tells what the keys of a plan used and had left on each day, up to the last request.
func (s *Service) GetUsage(ctx context.Context, in *sdk.GetUsageInput) (*sdk.GetUsageOutput, error) {
	from, until, err := usageRange(in.StartDate, in.EndDate)
	if err != nil {
		return nil, err
	}
	if err := s.store.Flush(ctx); err != nil { // the counts of the last moment
		return nil, err
	}
	out := &sdk.GetUsageOutput{UsagePlanId: in.UsagePlanId, StartDate: in.StartDate, EndDate: in.EndDate, Items: map[string][][]int64{}}
	err = s.view(ctx, func(tx *store.Tx) error {
		d, err := getPlan(tx, in.UsagePlanId)
		if err != nil {
			return err
		}
		keys := []string{aws.ToString(in.KeyId)}
		if in.KeyId != nil {
			_, err = getPlanKey(tx, in.UsagePlanId, in.KeyId)
		} else {
			keys, out.Position, err = list(tx, planKeys, store.Query{Parent: planRef(d.ID), Order: store.ByCreated}, in.Limit, in.Position)
		}
		if err != nil {
			return err
		}
		for _, key := range keys {
			if out.Items[key], err = usageOf(tx, d, key, from, until); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// usageOf is what a key used and had left on each day of a range.
func usageOf(tx *store.Tx, p store.Document[types.UsagePlan], key string, from, until int) ([][]int64, error) {
	days, err := readUsage(tx, p.ID, key, from-longestPeriod, until)
	if err != nil {
		return nil, err
	}
	quota, i := quotaOf(p), 0
	var out [][]int64
	for day := from; day <= until; day++ {
		for i < len(days) && days[i].Day < day {
			i++
		}
		used := int64(0)
		if i < len(days) && days[i].Day == day {
			used = days[i].Used
		}
		out = append(out, []int64{used, quota.Left(day, days)})
	}
	return out, nil
}

// UpdateUsage gives a key more or less of the present period's quota.
func (s *Service) UpdateUsage(ctx context.Context, in *sdk.UpdateUsageInput) (*sdk.UpdateUsageOutput, error) {
	var p store.Document[types.UsagePlan]
	var now time.Time
	err := s.view(ctx, func(tx *store.Tx) (err error) {
		now = tx.Now()
		if _, err := getPlanKey(tx, in.UsagePlanId, in.KeyId); err != nil {
			return err
		}
		p, err = getPlan(tx, in.UsagePlanId)
		return err
	})
	if err != nil {
		return nil, err
	}
	left, err := remaining(p, in.PatchOperations)
	if err != nil {
		return nil, err
	}
	used, err := s.grant(ctx, p, *in.KeyId, now, left)
	date := aws.String(now.Format(time.DateOnly))
	return &sdk.UpdateUsageOutput{UsagePlanId: in.UsagePlanId, StartDate: date, EndDate: date, Items: map[string][][]int64{*in.KeyId: used}}, err
}

// remaining is what patch operations make the rest of a quota, nil for nothing.
func remaining(p store.Document[types.UsagePlan], operations []types.PatchOperation) (left *int64, err error) {
	for _, o := range operations {
		c := newChange(o)
		if c.op != types.OpReplace {
			return nil, strict(c, nil)
		}
		if c.path != "/remaining" {
			return nil, strict(c, []string{"/remaining"})
		}
		n, err := strconv.ParseInt(c.text(), 10, 32)
		if err != nil || n < 0 {
			return nil, badRequest("Invalid value %s for %s", c.text(), c.path)
		}
		left = &n
	}
	if left != nil && p.Value.Quota == nil {
		return nil, badRequest("Usage Plan %s has no quota", p.ID)
	}
	return left, nil
}

// grant changes the counter that the gateway counts with, stores it and says what it is.
func (s *Service) grant(ctx context.Context, p store.Document[types.UsagePlan], key string, now time.Time, left *int64) (used [][]int64, err error) {
	u, err := s.Keys(scope(ctx).Account, scope(ctx).Region).Usage(ctx, p.ID, key)
	if err != nil {
		return nil, err
	}
	if u == nil { // it has left the plan meanwhile
		return nil, notFound("Invalid API Key identifier specified")
	}
	if left != nil {
		u.Grant(now, quotaOf(p), *left)
	}
	err = s.update(ctx, usageWriter(p.ID, key, u))
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, func(tx *store.Tx) (err error) {
		used, err = usageOf(tx, p, key, limit.DayOf(now), limit.DayOf(now))
		return err
	})
	return used, err
}
