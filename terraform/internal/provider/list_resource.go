package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// listResource finds objects of a kind that could be imported ("terraform query").
type listResource[T client.Object] struct {
	base
	kind[T]
	// set fills in the whole resource.
	set func(context.Context, *tfsdk.Resource, T) diag.Diagnostics
}

func (l *listResource[T]) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "dollarbox_" + l.noun
}

func (l *listResource[T]) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, response *list.ListResourceSchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Finds all " + l.plural() + " of an org, for import.",
		Attributes: map[string]schema.Attribute{
			"org": schema.StringAttribute{Optional: true, MarkdownDescription: "The org's slug. Default: the provider's `org`, else all orgs of the user."},
		},
	}
}

func (l *listResource[T]) List(ctx context.Context, request list.ListRequest, stream *list.ListResultsStream) {
	var org types.String
	diagnostics := request.Config.GetAttribute(ctx, path.Root("org"), &org)
	if diagnostics.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diagnostics)
		return
	}
	objects, err := client.List[T](ctx, l.api, org.ValueString(), l.list(), nil)
	if err != nil {
		diagnostics.AddError(fmt.Sprintf("The %s can't be read", l.plural()), sentence(err))
		stream.Results = list.ListResultsStreamDiagnostics(diagnostics)
		return
	}
	if limit := int(request.Limit); limit > 0 && limit < len(objects) {
		objects = objects[:limit]
	}
	stream.Results = func(push func(list.ListResult) bool) {
		for _, object := range objects {
			result := request.NewListResult(ctx)
			ref := object.Ref()
			result.DisplayName = ref.Org + "/" + ref.Key
			result.Diagnostics.Append(setIdentity(ctx, result.Identity, ref)...)
			if request.IncludeResource {
				result.Diagnostics.Append(l.set(ctx, result.Resource, object)...)
			}
			if !push(result) {
				return
			}
		}
	}
}

func newContainerList() list.ListResource {
	return &listResource[client.Container]{kind: containers, set: func(ctx context.Context, target *tfsdk.Resource, c client.Container) diag.Diagnostics {
		var model containerModel
		// Makes an object of the null that the framework gives, so that its maps and blocks have their types.
		diagnostics := target.SetAttribute(ctx, path.Root("id"), c.Ref().ID)
		diagnostics.Append(target.Get(ctx, &model)...)
		diagnostics.Append(model.fill(ctx, c, nil)...)
		diagnostics.Append(target.Set(ctx, &model)...)
		return diagnostics
	}}
}

func newVolumeList() list.ListResource {
	return &listResource[client.Volume]{kind: volumes, set: func(ctx context.Context, target *tfsdk.Resource, v client.Volume) diag.Diagnostics {
		var model volumeModel
		diagnostics := target.SetAttribute(ctx, path.Root("id"), v.Ref().ID)
		diagnostics.Append(target.Get(ctx, &model)...)
		model.fill(v)
		diagnostics.Append(target.Set(ctx, &model)...)
		return diagnostics
	}}
}

func newMemberList() list.ListResource {
	return &listResource[client.Member]{kind: members, set: func(ctx context.Context, target *tfsdk.Resource, m client.Member) diag.Diagnostics {
		var model memberModel
		model.fill(m)
		return target.Set(ctx, &model)
	}}
}

func newInvitationList() list.ListResource {
	return &listResource[client.Invitation]{kind: invitations, set: func(ctx context.Context, target *tfsdk.Resource, i client.Invitation) diag.Diagnostics {
		var model invitationModel
		model.fill(i)
		return target.Set(ctx, &model)
	}}
}

func newRegistryList() list.ListResource {
	return &listResource[client.Registry]{kind: registries, set: func(ctx context.Context, target *tfsdk.Resource, r client.Registry) diag.Diagnostics {
		var model registryModel
		model.fill(r)
		return target.Set(ctx, &model)
	}}
}
