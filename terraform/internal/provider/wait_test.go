package provider

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// seen waits for a container that the fake API has as it is, and returns what is reported.
func seen(t *testing.T, ctx context.Context, container string) string {
	t.Helper()
	web := httptest.NewServer(&fakeAPI{replies: map[string]string{"GET /containers/12/": container}})
	defer web.Close()
	api, err := client.New(client.Options{Endpoint: web.URL, Token: "dbx_x"})
	if err != nil {
		t.Fatal(err)
	}
	_, diagnostics := await(ctx, api, containers, containerSettling, client.Container{ID: 12, Org: "main", Name: "web", Status: "pending"})
	text := ""
	for _, diagnostic := range diagnostics {
		text += diagnostic.Summary() + ": " + diagnostic.Detail()
	}
	return text
}

func TestAwait(t *testing.T) {
	if text := seen(t, context.Background(), containerJSON(12, "web", "running")); text != "" {
		t.Errorf("one that runs is reported: %s", text)
	}
	failed := strings.NewReplacer(`"status_reason": null`, `"status_reason": "exited"`, `"status_message": null`, `"status_message": "Exit code 3: ouch"`).
		Replace(containerJSON(12, "web", "failed"))
	if text := seen(t, context.Background(), failed); text != `The container "web" failed: exited: Exit code 3: ouch` {
		t.Errorf("a failure is reported as %s", text)
	}
	short, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if text := seen(t, short, containerJSON(12, "web", "pending")); !strings.Contains(text, `has not settled in time`) || !strings.Contains(text, `"pending"`) {
		t.Errorf("a late one is reported as %s", text)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if text := seen(t, cancelled, containerJSON(12, "web", "pending")); !strings.Contains(text, "ended") {
		t.Errorf("an interruption is reported as %s", text)
	}
}
