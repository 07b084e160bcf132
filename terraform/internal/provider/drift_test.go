package provider

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// reasons say why a field of the API is not in the provider: of the resource, of the data sources, or of neither.
var reasons = map[string]string{
	"resource container.warnings":            "come and go while the process runs, so a state would be out of date",
	"resource container.restart_count":       "moves by itself",
	"resource container.generation":          "counts the API's versions; a state has the version itself",
	"resource container.observed_generation": "moves by itself; a write waits for it",
	"resource container.status_since":        "moves by itself",
	"resource container.next_retry_at":       "moves by itself",
	"resource container.desired_status":      "is written by stop and start, which are not part of a state",
	"resource container.restarting":          "moves by itself",
	"resource member.user_id":                "names the person in events, which a state has none of",
	"resource volume.used_bytes":             "moves by itself",
	"resource volume.container":              "is written by dollarbox_container, after the volume was read",
	"resource volume.mount_path":             "is written by dollarbox_container, after the volume was read",
	"resource org.role":                      "is the caller's, not the org's",
	"resource invitation.notice":             "is shown as a warning when the invitation is created",
	"data invitation.notice":                 "is for the inviter, when the invitation is created",
}

// own are attributes that the API has no field for.
var own = map[string]string{
	"wait":              "whether to wait",
	"timeouts":          "how long to wait",
	"env_wo":            "written into env",
	"env_wo_version":    "when to write it",
	"secret_wo":         "written into secret",
	"secret_wo_version": "when to write it",
	"kubeconfig":        "in the reply of a create only",
	"accept_url":        "in the reply of a create only",
}

// aliases are attributes that a field has under another name.
var aliases = map[string]string{"registry.secret": "secret_wo"}

var drifts = []struct {
	noun, read, create, update string
	resource                   resource.Resource
	data                       func() datasource.DataSource
	object                     any
}{
	{"container", "Container", "ContainerCreate", "ContainerUpdate", &containerResource{}, newContainerDataSource, client.Container{}},
	{"volume", "Volume", "VolumeCreate", "", &volumeResource{}, newVolumeDataSource, client.Volume{}},
	{"org", "Org", "", "OrgUpdate", &orgResource{}, newOrgDataSource, client.Org{}},
	{"member", "Member", "", "MemberUpdate", &memberResource{}, newMemberDataSource, client.Member{}},
	{"invitation", "Invitation", "InvitationCreate", "", &invitationResource{}, newInvitationDataSource, client.Invitation{}},
	{"registry", "Registry", "RegistryCreate", "", &registryResource{}, newRegistryDataSource, client.Registry{}},
	{"kubectl_credential", "KubectlCredential", "KubectlCredentialCreate", "", &kubectlCredentialResource{}, newKubectlCredentialDataSource, client.KubectlCredential{}},
}

// openAPISchema is what the test needs of a schema in openapi.json.
type openAPISchema struct {
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
}

func openAPISchemas(t *testing.T) map[string]openAPISchema {
	t.Helper()
	text, err := os.ReadFile("../../../openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Schemas map[string]openAPISchema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return document.Components.Schemas
}

// Every field of the API is in the provider, as writable as it is, or has a reason why not.
func TestDrift(t *testing.T) {
	schemas := openAPISchemas(t)
	ctx := context.Background()
	for _, drift := range drifts {
		var resourceSchema resource.SchemaResponse
		drift.resource.Schema(ctx, resource.SchemaRequest{}, &resourceSchema)
		var dataSchema datasource.SchemaResponse
		drift.data().Schema(ctx, datasource.SchemaRequest{}, &dataSchema)
		read, create, update := schemas[drift.read], schemas[drift.create], schemas[drift.update]
		if len(read.Properties) == 0 {
			t.Errorf("openapi.json has no %s", drift.read)
		}
		fields := maps.Clone(read.Properties)
		maps.Copy(fields, create.Properties)
		maps.Copy(fields, update.Properties)
		for field := range fields {
			name := drift.noun + "." + field
			attributeName := field
			if alias, ok := aliases[name]; ok {
				attributeName = alias
			}
			attribute, ok := resourceSchema.Schema.Attributes[attributeName]
			if !ok && reasons["resource "+name] == "" {
				t.Errorf("the resource has no %s, and the test no reason", name)
			}
			_, inCreate := create.Properties[field]
			_, inUpdate := update.Properties[field]
			if ok {
				checkWritable(t, name, attribute, inCreate, inUpdate, slices.Contains(create.Required, field))
			}
			if _, isShown := read.Properties[field]; !isShown {
				continue
			}
			if _, ok := dataSchema.Schema.GetAttributes()[field]; !ok && reasons["data "+name] == "" {
				t.Errorf("the data source has no %s, and the test no reason", name)
			}
			if !hasJSON(drift.object, field) && reasons["client "+name] == "" {
				t.Errorf("the client has no %s, and the test no reason", name)
			}
		}
		for attribute := range resourceSchema.Schema.Attributes {
			if _, ok := fields[attribute]; !ok && own[attribute] == "" {
				t.Errorf("the API has no %s.%s", drift.noun, attribute)
			}
		}
	}
}

// adopted are attributes that are the key of an object that exists already, or choose among orgs.
var adopted = []string{"org.slug", "member.email", "container.org", "volume.org", "member.org", "invitation.org", "registry.org", "kubectl_credential.org"}

// readOnly are fields that the API lets a client change and the provider does not.
var readOnly = map[string]string{"org.api_enabled": "a token that turned it off could not turn it on again"}

func checkWritable(t *testing.T, name string, attribute schema.Attribute, inCreate, inUpdate, required bool) {
	t.Helper()
	if slices.Contains(adopted, name) || readOnly[name] != "" {
		return
	}
	settable := attribute.IsRequired() || attribute.IsOptional()
	if (inCreate || inUpdate) != settable {
		t.Errorf("%s can be set in the API: %v, in the provider: %v", name, inCreate || inUpdate, settable)
	}
	if required && !attribute.IsRequired() {
		t.Errorf("%s is required", name)
	}
	// A name may be in an update, but only to say the same.
	fixed := inCreate && (!inUpdate || strings.HasSuffix(name, ".name"))
	if !attribute.IsWriteOnly() && fixed != replaces(attribute) {
		t.Errorf("%s is fixed in the API: %v, replaces the resource: %v", name, fixed, replaces(attribute))
	}
}

// replaces reports whether a plan modifier of the attribute may ask for a replacement.
func replaces(attribute schema.Attribute) bool {
	modifiers := reflect.ValueOf(attribute).FieldByName("PlanModifiers")
	for index := range modifiers.Len() {
		if strings.Contains(reflect.TypeOf(modifiers.Index(index).Interface()).String(), "requiresReplace") {
			return true
		}
	}
	return false
}

func hasJSON(object any, field string) bool {
	kind := reflect.TypeOf(object)
	for index := range kind.NumField() {
		if name, _, _ := strings.Cut(kind.Field(index).Tag.Get("json"), ","); name == field {
			return true
		}
	}
	return false
}
