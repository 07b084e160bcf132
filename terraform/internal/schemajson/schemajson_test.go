package schemajson

import (
	"context"
	"os"
	"strings"
	"testing"
)

const root = "../.."

// Generating the documents takes a tool that is slow to build; whether they are out of date is quick to tell.
func TestDocsAreUpToDate(t *testing.T) {
	want, err := Digest(context.Background(), root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(root + "/docs/.digest")
	if err != nil || strings.TrimSpace(string(got)) != want {
		t.Errorf("docs/ was generated from another schema or other examples: run terraform/docs.sh (%v)", err)
	}
}
