package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

type registryResource struct{ base }

var (
	_ resource.ResourceWithConfigure   = &registryResource{}
	_ resource.ResourceWithIdentity    = &registryResource{}
	_ resource.ResourceWithImportState = &registryResource{}
)

type registryModel struct {
	ID                types.String `tfsdk:"id"`
	Org               types.String `tfsdk:"org"`
	Host              types.String `tfsdk:"host"`
	PathPrefix        types.String `tfsdk:"path_prefix"`
	Username          types.String `tfsdk:"username"`
	SecretWO          types.String `tfsdk:"secret_wo"`
	SecretWOVersion   types.Int64  `tfsdk:"secret_wo_version"`
	SecretFingerprint types.String `tfsdk:"secret_fingerprint"`
	CreatedAt         types.String `tfsdk:"created_at"`
}

func (m *registryModel) fill(o client.Registry) {
	m.ID, m.Org = types.StringValue(o.Ref().ID), types.StringValue(o.Org)
	m.Host, m.PathPrefix = types.StringValue(o.Host), types.StringValue(o.PathPrefix)
	m.Username = types.StringValue(o.Username)
	m.SecretFingerprint, m.CreatedAt = types.StringValue(o.SecretFingerprint), types.StringValue(o.CreatedAt)
}

func (r *registryResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "dollarbox_registry"
}

func (r *registryResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, response *resource.IdentitySchemaResponse) {
	response.IdentitySchema = identitySchema
}

func (r *registryResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "A credential of the org for a private registry, used for the org's own pulls only. Needs Terraform 1.11 or OpenTofu 1.11.",
		Attributes: map[string]schema.Attribute{
			"id":   idAttribute("registry"),
			"org":  orgAttribute(),
			"host": replacing("The registry's host as in an image reference, such as `ghcr.io`; `docker.io` for Docker Hub."),
			"path_prefix": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(""),
				MarkdownDescription: "Only for images whose path begins with this. Default: for all. A change of it replaces the resource.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"username": replacing("Who signs in to the registry."),
			"secret_wo": schema.StringAttribute{
				Required: true, Sensitive: true, WriteOnly: true,
				MarkdownDescription: "The password or access token. Never stored in state or plan. A new one is sent when `secret_wo_version` changes.",
			},
			"secret_wo_version": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Any number. A change of it replaces the credential, with the present `secret_wo`.",
				PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplaceIf(replacesSecret,
					"A change replaces the credential; its first value after an import does not.",
					"A change replaces the credential; its first value after an import does not.")},
			},
			"secret_fingerprint": fixed("The same for the same secret in the same org."),
			"created_at":         fixed("When it was created (RFC 3339, UTC)."),
		},
	}
}

// replacesSecret tells a new version from the first one: an imported credential has none, and keeps its secret.
func replacesSecret(_ context.Context, request planmodifier.Int64Request, response *int64planmodifier.RequiresReplaceIfFuncResponse) {
	response.RequiresReplace = !request.StateValue.IsNull()
}

func (r *registryResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var plan registryModel
	var secret types.String
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("secret_wo"), &secret)...)
	if response.Diagnostics.HasError() {
		return
	}
	body := map[string]any{
		"host": plan.Host.ValueString(), "path_prefix": plan.PathPrefix.ValueString(),
		"username": plan.Username.ValueString(), "secret": secret.ValueString(),
	}
	registry, err := client.Create[client.Registry](ctx, r.api, plan.Org.ValueString(), registries.list(), body)
	if err != nil {
		response.Diagnostics.AddError("The registry's credential can't be created", sentence(err))
		return
	}
	plan.fill(registry)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, registry.Ref())...)
}

func (r *registryResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var state registryModel
	response.Diagnostics.Append(request.State.Get(ctx, &state)...)
	if response.Diagnostics.HasError() {
		return
	}
	registry, ok := readObject(ctx, r.api, registries, response)
	if !ok {
		return
	}
	state.fill(registry)
	response.Diagnostics.Append(response.State.Set(ctx, &state)...)
}

// Update is called for the first secret_wo_version after an import alone.
func (r *registryResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var plan registryModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, client.Ref{Org: plan.Org.ValueString(), ID: plan.ID.ValueString()})...)
}

func (r *registryResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	deleteObject(ctx, r.api, registries, request.State, &response.Diagnostics)
}

func (r *registryResource) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	importObject(ctx, r.api, registries, request, response)
}
