package provider

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// base is what all resources have in common.
type base struct {
	api *client.Client
}

func (b *base) Configure(_ context.Context, request resource.ConfigureRequest, response *resource.ConfigureResponse) {
	b.api = apiOf(request.ProviderData, &response.Diagnostics)
}

// apiOf returns the client that the provider was configured with, nil before that.
func apiOf(data any, diagnostics *diag.Diagnostics) *client.Client {
	if data == nil {
		return nil
	}
	api, ok := data.(*client.Client)
	if !ok {
		diagnostics.AddError("The provider is misconfigured", fmt.Sprintf("Its data is a %T. Please report this.", data))
	}
	return api
}

// readObject reads the object that a state names. Returns false, and removes it from the state, if it is gone.
func readObject[T client.Object](ctx context.Context, api *client.Client, k kind[T], response *resource.ReadResponse) (T, bool) {
	var org, id types.String
	var object T
	response.Diagnostics.Append(response.State.GetAttribute(ctx, path.Root("org"), &org)...)
	response.Diagnostics.Append(response.State.GetAttribute(ctx, path.Root("id"), &id)...)
	if response.Diagnostics.HasError() {
		return object, false
	}
	object, err := client.Read[T](ctx, api, org.ValueString(), k.path(id.ValueString()))
	if client.IsNotFound(err) {
		response.State.RemoveResource(ctx)
		return object, false
	}
	if err != nil {
		response.Diagnostics.AddError(fmt.Sprintf("The %s can't be read", k.words()), sentence(err))
		return object, false
	}
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, object.Ref())...)
	return object, true
}

// deleteObject deletes the object that a state names.
func deleteObject[T client.Object](ctx context.Context, api *client.Client, k kind[T], state tfsdk.State, diagnostics *diag.Diagnostics) {
	var org, id types.String
	diagnostics.Append(state.GetAttribute(ctx, path.Root("org"), &org)...)
	diagnostics.Append(state.GetAttribute(ctx, path.Root("id"), &id)...)
	if diagnostics.HasError() {
		return
	}
	if err := api.Delete(ctx, org.ValueString(), k.path(id.ValueString())); err != nil {
		diagnostics.AddError(fmt.Sprintf("The %s can't be deleted", k.words()), sentence(err))
	}
}

// defaultTimeout bounds a create, an update or a delete whose timeout is not configured.
const defaultTimeout = 20 * time.Minute

// sentence shows an error as a sentence.
func sentence(err error) string {
	text := strings.TrimSpace(err.Error())
	first, size := utf8.DecodeRuneInString(text)
	// Not the method of a request, such as "GET /…".
	if next, _ := utf8.DecodeRuneInString(text[size:]); !unicode.IsUpper(next) {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

func idAttribute(of string) schema.StringAttribute {
	return fixed("The id of the " + of + ".")
}

func orgAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "The slug of the org that it belongs to. Default: the provider's `org`. A change of it replaces the resource.",
		PlanModifiers: []planmodifier.String{
			stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured(),
		},
	}
}

// fixed is a read-only attribute that never changes.
func fixed(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed: true, MarkdownDescription: description,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
	}
}

// replacing is a required attribute, a change of which replaces the resource.
func replacing(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Required: true, MarkdownDescription: description + " A change of it replaces the resource.",
		PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}

func computed(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}
