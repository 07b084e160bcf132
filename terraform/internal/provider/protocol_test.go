package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What OpenTofu does not know yet is tested as Terraform would call it: over the protocol.

// fakeAPI serves fixed replies by method and path, and remembers what it was asked.
type fakeAPI struct {
	replies  map[string]string
	mutex    sync.Mutex
	requests []string
	bodies   []string
}

func (f *fakeAPI) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	asked := request.Method + " " + strings.TrimPrefix(request.URL.Path, "/api/v1")
	f.mutex.Lock()
	f.requests = append(f.requests, strings.TrimSpace(asked+" "+request.Header.Get("X-Dollarbox-Org")+" "+request.Header.Get("Prefer")))
	f.bodies = append(f.bodies, string(body))
	f.mutex.Unlock()
	reply, ok := f.replies[asked]
	if !ok {
		writer.WriteHeader(http.StatusNotFound)
		reply = `{"error": {"code": "not_found", "message": "There is no such object.", "detail": {}}}`
	}
	_, _ = io.WriteString(writer, reply)
}

func containerJSON(id int, name, status string) string {
	return fmt.Sprintf(`{"id": %d, "org": "main", "name": %q, "image": "nginx:1.27", "env": {"A": "1"}, "command": [], "ports": [],
		"volumes": [{"volume": 3, "mount_path": "/data"}], "pull_policy": "if_not_present", "stop_grace_seconds": 10, "init": false,
		"status": %q, "status_reason": null, "status_message": null, "status_since": "2026-11-02T09:30:00.000Z",
		"next_retry_at": null, "warnings": [], "restart_count": 0, "ipv6_address": "fd00::1",
		"generation": 1, "observed_generation": 1, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}`, id, name, status)
}

// server is the provider as Terraform sees it, configured for a fake API.
func server(t *testing.T, replies map[string]string) (tfprotov6.ProviderServer, *fakeAPI) {
	t.Helper()
	api := &fakeAPI{replies: replies}
	web := httptest.NewServer(api)
	t.Cleanup(web.Close)
	provider, err := providerserver.NewProtocol6WithError(New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := provider.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	noProblems(t, err, schema.Diagnostics)
	config := dynamic(t, schema.Provider, map[string]any{"endpoint": web.URL, "token": "dbx_x"})
	configured, err := provider.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{Config: config})
	noProblems(t, err, configured.Diagnostics)
	return provider, api
}

// dynamic is an object of a schema with strings and booleans; what is not given is null.
func dynamic(t *testing.T, schema *tfprotov6.Schema, given map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	object := schema.ValueType().(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, kind := range object.AttributeTypes {
		values[name] = tftypes.NewValue(kind, given[name])
	}
	value, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		t.Fatal(err)
	}
	return &value
}

// attributes returns the strings of an object.
func attributes(t *testing.T, kind tftypes.Type, value *tfprotov6.DynamicValue) map[string]string {
	t.Helper()
	object, err := value.Unmarshal(kind)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]tftypes.Value{}
	if err := object.As(&fields); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for name, field := range fields {
		var text *string
		if field.Type().Is(tftypes.String) && field.As(&text) == nil && text != nil {
			texts[name] = *text
		}
	}
	return texts
}

func noProblems(t *testing.T, err error, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, diagnostic := range diagnostics {
		t.Fatalf("%s: %s", diagnostic.Summary, diagnostic.Detail)
	}
}

func schemasOf(t *testing.T, provider tfprotov6.ProviderServer) (*tfprotov6.GetProviderSchemaResponse, map[string]*tfprotov6.ResourceIdentitySchema) {
	t.Helper()
	schemas, err := provider.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	noProblems(t, err, schemas.Diagnostics)
	identities, err := provider.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	noProblems(t, err, identities.Diagnostics)
	return schemas, identities.IdentitySchemas
}

func page(objects ...string) string {
	return `{"next": null, "previous": null, "results": [` + strings.Join(objects, ",") + `]}`
}

func TestListResources(t *testing.T) {
	replies := map[string]string{
		"GET /containers/":  page(containerJSON(2, "b", "running"), containerJSON(1, "a", "failed")),
		"GET /volumes/":     page(`{"id": 3, "org": "main", "name": "data", "size_gb": 1, "status": "bound"}`),
		"GET /members/":     page(`{"id": 4, "org": "main", "email": "ada@example.com", "role": "owner"}`),
		"GET /invitations/": page(`{"id": 5, "org": "main", "email": "grace@example.com", "role": "member"}`),
		"GET /registries/":  page(`{"id": 6, "org": "main", "host": "ghcr.io", "path_prefix": "team", "username": "robot"}`),
	}
	want := map[string][]string{
		"dollarbox_container":  {"main/b 2", "main/a 1"},
		"dollarbox_volume":     {"main/data 3"},
		"dollarbox_member":     {"main/ada@example.com 4"},
		"dollarbox_invitation": {"main/grace@example.com 5"},
		"dollarbox_registry":   {"main/ghcr.io/team 6"},
	}
	provider, api := server(t, replies)
	schemas, identities := schemasOf(t, provider)
	if len(schemas.ListResourceSchemas) != len(want) {
		t.Errorf("%d list resources", len(schemas.ListResourceSchemas))
	}
	for name, expected := range want {
		stream, err := provider.(tfprotov6.ListResourceServer).ListResource(context.Background(), &tfprotov6.ListResourceRequest{
			TypeName: name, IncludeResource: true, Limit: 100,
			Config: dynamic(t, schemas.ListResourceSchemas[name], map[string]any{"org": "main"}),
		})
		if err != nil {
			t.Fatal(err)
		}
		found := []string{}
		for result := range stream.Results {
			noProblems(t, nil, result.Diagnostics)
			identity := attributes(t, identities[name].ValueType(), result.Identity.IdentityData)
			object := attributes(t, schemas.ResourceSchemas[name].ValueType(), result.Resource)
			if object["id"] != identity["id"] || object["org"] != "main" || identity["org"] != "main" {
				t.Errorf("%s: the identity is %v, the resource %v", name, identity, object)
			}
			found = append(found, result.DisplayName+" "+identity["id"])
		}
		if strings.Join(found, ",") != strings.Join(expected, ",") {
			t.Errorf("%s: got %v instead of %v", name, found, expected)
		}
	}
	if got := api.requests[0]; !strings.HasSuffix(got, " main") {
		t.Errorf("the org is not sent: %s", got)
	}
}

func TestListResourceEndsAtLimit(t *testing.T) {
	provider, _ := server(t, map[string]string{"GET /containers/": page(containerJSON(2, "b", "running"), containerJSON(1, "a", "failed"))})
	schemas, _ := schemasOf(t, provider)
	stream, err := provider.(tfprotov6.ListResourceServer).ListResource(context.Background(), &tfprotov6.ListResourceRequest{
		TypeName: "dollarbox_container", Limit: 1, Config: dynamic(t, schemas.ListResourceSchemas["dollarbox_container"], nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for range stream.Results {
		count++
	}
	if count != 1 {
		t.Errorf("%d results", count)
	}
}

func TestRestartAction(t *testing.T) {
	for status, failure := range map[string]string{"running": "", "failed": `The container "web" failed`} {
		web := containerJSON(12, "web", status)
		provider, api := server(t, map[string]string{"POST /containers/12/restart/": web, "GET /containers/12/": web})
		schemas, _ := schemasOf(t, provider)
		stream, err := provider.(tfprotov6.ActionServer).InvokeAction(context.Background(), &tfprotov6.InvokeActionRequest{
			ActionType: "dollarbox_container_restart",
			Config: dynamic(t, schemas.ActionSchemas["dollarbox_container_restart"].Schema,
				map[string]any{"id": "12", "org": "lab", "pull": true}),
		})
		if err != nil {
			t.Fatal(err)
		}
		completed, text := false, ""
		for event := range stream.Events {
			if end, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
				completed = true
				for _, diagnostic := range end.Diagnostics {
					text += diagnostic.Summary
				}
			}
		}
		if !completed || !strings.HasPrefix(text, failure) || (failure == "") != (text == "") {
			t.Errorf("%s: completed is %v, with %q", status, completed, text)
		}
		var body map[string]any
		if err := json.Unmarshal([]byte(api.bodies[0]), &body); err != nil || body["pull"] != true {
			t.Errorf("the body is %s", api.bodies[0])
		}
		if api.requests[0] != "POST /containers/12/restart/ lab wait=60" {
			t.Errorf("got %q", api.requests[0])
		}
	}
}

func TestImportByIdentity(t *testing.T) {
	provider, api := server(t, map[string]string{"GET /containers/12/": containerJSON(12, "web", "running")})
	schemas, identities := schemasOf(t, provider)
	const name = "dollarbox_container"
	object := identities[name].ValueType().(tftypes.Object)
	identity, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, map[string]tftypes.Value{
		"org": tftypes.NewValue(tftypes.String, "main"), "id": tftypes.NewValue(tftypes.String, "12"),
	}))
	if err != nil {
		t.Fatal(err)
	}
	imported, err := provider.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{
		TypeName: name, Identity: &tfprotov6.ResourceIdentityData{IdentityData: &identity},
	})
	noProblems(t, err, imported.Diagnostics)
	read, err := provider.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{
		TypeName: name, CurrentState: imported.ImportedResources[0].State, CurrentIdentity: imported.ImportedResources[0].Identity,
		Private: imported.ImportedResources[0].Private,
	})
	noProblems(t, err, read.Diagnostics)
	got := attributes(t, schemas.ResourceSchemas[name].ValueType(), read.NewState)
	if got["name"] != "web" || got["status"] != "running" || got["org"] != "main" {
		t.Errorf("got %v", got)
	}
	if api.requests[0] != "GET /containers/12/ main" {
		t.Errorf("got %q", api.requests[0])
	}
}
