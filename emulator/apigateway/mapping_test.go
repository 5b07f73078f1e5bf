package apigateway

import (
	"strings"
	"testing"
)

func TestTemplatesHaveALimit(t *testing.T) {
	template := strings.Repeat("x", maxTemplate)
	if err := CheckTemplates(map[string]string{"application/json": template}); err != nil {
		t.Error(err)
	}
	if err := CheckTemplates(map[string]string{"application/json": template + "x"}); err == nil {
		t.Error("a longer one is taken")
	}
}
