package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// identityModel identifies an object with an id.
type identityModel struct {
	Org types.String `tfsdk:"org"`
	ID  types.String `tfsdk:"id"`
}

var identitySchema = identityschema.Schema{
	Attributes: map[string]identityschema.Attribute{
		"org": identityschema.StringAttribute{OptionalForImport: true, Description: "The org's slug. Default: the provider's org."},
		"id":  identityschema.StringAttribute{RequiredForImport: true, Description: "The object's id."},
	},
}

// setIdentity records what identifies an object. Programs without resource identity pass none.
func setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, ref client.Ref) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.Set(ctx, identityModel{Org: types.StringValue(ref.Org), ID: types.StringValue(ref.ID)})
}

// importObject imports by id, by key, by "org/…" of either, or by identity. Read fills in the rest.
func importObject[T client.Object](ctx context.Context, api *client.Client, k kind[T], request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	org, text := splitImportID(request.ID)
	if request.ID == "" && request.Identity != nil {
		var identity identityModel
		response.Diagnostics.Append(request.Identity.Get(ctx, &identity)...)
		org, text = identity.Org.ValueString(), identity.ID.ValueString()
	}
	if response.Diagnostics.HasError() {
		return
	}
	object, err := k.find(ctx, api, org, text)
	if err != nil {
		response.Diagnostics.AddError(fmt.Sprintf("The %s can't be imported", k.words()), sentence(err))
		return
	}
	ref := object.Ref()
	response.Diagnostics.Append(response.State.SetAttribute(ctx, path.Root("org"), ref.Org)...)
	response.Diagnostics.Append(response.State.SetAttribute(ctx, path.Root("id"), ref.ID)...)
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, ref)...)
}
