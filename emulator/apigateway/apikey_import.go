package apigateway

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"

	"postern/emulator/quota"
	"postern/emulator/store"
)

// An importedKey is one row of a file of keys.
type importedKey struct {
	types.ApiKey
	plans []string
}

// ImportApiKeys adds the keys of a CSV file, or changes those whose value is known, and puts them into
// usage plans (REST API guide, "API key file format"). A row that is wrong is a warning; with
// FailOnWarnings nothing is imported then.
func (s *Service) ImportApiKeys(ctx context.Context, in *sdk.ImportApiKeysInput) (*sdk.ImportApiKeysOutput, error) {
	rows, err := parseKeys(in.Body)
	if err != nil {
		return nil, err
	}
	out := &sdk.ImportApiKeysOutput{Ids: []string{}, Warnings: []string{}}
	err = s.update(ctx, func(tx *store.Tx) error {
		out.Ids, out.Warnings = out.Ids[:0], out.Warnings[:0]
		for i, row := range rows {
			id, warnings, err := importKey(tx, row)
			if err != nil {
				return err
			}
			if id != "" {
				out.Ids = append(out.Ids, id)
			}
			for _, w := range warnings {
				out.Warnings = append(out.Warnings, fmt.Sprintf("Row %d: %s", i+1, w))
			}
		}
		if in.FailOnWarnings && len(out.Warnings) > 0 {
			return badRequest("Warnings found during import:\n\t%s", strings.Join(out.Warnings, "\n\t"))
		}
		return withinAccount(tx, s.quotas, quota.APIKeys, apiKeys)
	})
	if err != nil {
		return nil, err
	}
	s.keyChanged(ctx, out.Ids...)
	return out, nil
}

// parseKeys reads a file of keys. Columns may stand in any order, their names in any case; Name and
// Key are required, others than these are ignored.
func parseKeys(body []byte) ([]importedKey, error) {
	r := csv.NewReader(bytes.NewReader(doubleQuoted(bytes.TrimPrefix(body, []byte("\ufeff")))))
	r.TrimLeadingSpace = true
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil {
		return nil, badRequest("Invalid API key file: the header row is missing")
	}
	column := map[string]int{}
	for i, name := range header {
		column[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"name", "key"} {
		if _, ok := column[name]; !ok {
			return nil, badRequest("Invalid API key file: the header row must have the columns Name and Key")
		}
	}
	var rows []importedKey
	for {
		record, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, badRequest("Invalid API key file: %s", err)
		}
		rows = append(rows, newImportedKey(func(name string) string {
			if i, ok := column[name]; ok && i < len(record) {
				return strings.TrimSpace(record[i])
			}
			return ""
		}))
	}
}

// doubleQuoted makes the single quotes around a field double ones, which are all that CSV knows. A
// field is in quotes where one stands at its beginning and one at its end.
func doubleQuoted(body []byte) []byte {
	out := bytes.Clone(body)
	begins, inside := true, false
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case begins && c == '\'':
			if n := closing(out[i+1:]); n >= 0 {
				out[i], out[i+1+n] = '"', '"'
				i += 1 + n
			}
			begins = false
		case c == '"':
			begins, inside = false, !inside
		case !inside && (c == ',' || c == '\n'):
			begins = true
		case c != ' ':
			begins = false
		}
	}
	return out
}

// closing finds the single quote that ends a field, -1 where there is none on its line.
func closing(field []byte) int {
	line, _, _ := bytes.Cut(field, []byte("\n"))
	for i, c := range line {
		if rest := bytes.TrimSpace(line[i+1:]); c == '\'' && (len(rest) == 0 || rest[0] == ',') {
			return i
		}
	}
	return -1
}

func newImportedKey(field func(name string) string) importedKey {
	k := importedKey{ApiKey: types.ApiKey{
		Value: aws.String(field("key")), Enabled: !strings.EqualFold(field("enabled"), "false"), StageKeys: []string{},
	}}
	if name := field("name"); name != "" {
		k.Name = &name
	}
	if description := field("description"); description != "" {
		k.Description = &description
	}
	k.plans = append(k.plans, strings.FieldsFunc(field("usageplanids"), func(r rune) bool { return r == ',' || r == ' ' })...)
	return k
}

// importKey stores the key of one row. What is wrong with the row is a warning.
func importKey(tx *store.Tx, row importedKey) (id string, warnings []string, err error) {
	if err := checkKey(&row.ApiKey); err != nil {
		return "", []string{text(err)}, nil
	}
	d, err := storeImported(tx, row)
	if err != nil {
		return "", nil, err
	}
	for _, plan := range row.plans {
		p, err := getPlan(tx, &plan)
		if err == nil && !slices.Contains(d.Value.Plans, plan) {
			err = addMember(tx, p.Value, &d)
		}
		if text(err) == "" && err != nil {
			return "", nil, err
		}
		if err != nil {
			warnings = append(warnings, text(err))
		}
	}
	return d.ID, warnings, nil
}

// storeImported adds the key, or changes the one that has its value.
func storeImported(tx *store.Tx, row importedKey) (d store.Document[apiKey], err error) {
	v, err := apiKeyValues.Get(tx, *row.Value)
	if errors.Is(err, store.ErrNotFound) {
		k := row.ApiKey
		if err := insertKey(tx, &k); err != nil {
			return d, err
		}
		return apiKeys.Get(tx, *k.Id)
	}
	if err != nil {
		return d, err
	}
	if d, err = apiKeys.Get(tx, v.Parent.ID); err != nil {
		return d, err
	}
	k := &d.Value.Key
	k.Name, k.Description, k.Enabled = row.Name, row.Description, row.Enabled
	k.LastUpdatedDate = aws.Time(tx.Now().Truncate(time.Second))
	return d, putKey(tx, d)
}

// text is what an error of AWS says, "" for another one.
func text(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return ""
}
