package provider

import (
	"context"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// orgResource adopts an org that exists: orgs are created in the panel, and never deleted from here.
type orgResource struct{ base }

var (
	_ resource.ResourceWithConfigure   = &orgResource{}
	_ resource.ResourceWithIdentity    = &orgResource{}
	_ resource.ResourceWithImportState = &orgResource{}
)

type orgModel struct {
	Slug           types.String `tfsdk:"slug"`
	Name           types.String `tfsdk:"name"`
	BillingEmail   types.String `tfsdk:"billing_email"`
	Status         types.String `tfsdk:"status"`
	BillingMode    types.String `tfsdk:"billing_mode"`
	KubectlEnabled types.Bool   `tfsdk:"kubectl_enabled"`
	APIEnabled     types.Bool   `tfsdk:"api_enabled"`
	CreatedAt      types.String `tfsdk:"created_at"`
}

func (m *orgModel) fill(o client.Org) {
	m.Slug, m.Name = types.StringValue(o.Slug), types.StringValue(o.Name)
	m.BillingEmail, m.BillingMode = types.StringValue(o.BillingEmail), types.StringValue(o.BillingMode)
	m.Status, m.CreatedAt = types.StringValue(o.Status), types.StringValue(o.CreatedAt)
	m.KubectlEnabled, m.APIEnabled = types.BoolValue(o.KubectlEnabled), types.BoolValue(o.APIEnabled)
}

type orgIdentityModel struct {
	Slug types.String `tfsdk:"slug"`
}

func orgPath(slug string) string { return "/orgs/" + url.PathEscape(slug) + "/" }

func (r *orgResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "dollarbox_org"
}

func (r *orgResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, response *resource.IdentitySchemaResponse) {
	response.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"slug": identityschema.StringAttribute{RequiredForImport: true, Description: "The org's slug."},
	}}
}

func (r *orgResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "An org that exists already. It is adopted: a create sets its name and billing address, and a destroy only removes it from the state.",
		Attributes: map[string]schema.Attribute{
			"slug":          replacing("The org's slug."),
			"name":          schema.StringAttribute{Required: true, MarkdownDescription: "What people call it."},
			"billing_email": schema.StringAttribute{Required: true, MarkdownDescription: "Where bills go; empty for nowhere."},
			"status":        computed("`active`, or `suspended` by the operator."),
			"billing_mode":  computed("How the org pays."),
			"kubectl_enabled": schema.BoolAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Whether kubectl credentials can be created. Only owners may change it. Default: as it is.",
				PlanModifiers:       []planmodifier.Bool{boolplanmodifier.UseNonNullStateForUnknown()},
			},
			"api_enabled": schema.BoolAttribute{
				Computed: true, MarkdownDescription: "Whether tokens may use the API for this org. Read-only: a token that turned it off could not turn it on again.",
			},
			"created_at": fixed("When it was created (RFC 3339, UTC)."),
		},
	}
}

// patch sets what the plan says. kubectl_enabled is sent only if it is known to differ: admins may not change it.
func (r *orgResource) patch(ctx context.Context, plan orgModel) (client.Org, error) {
	slug := plan.Slug.ValueString()
	body := map[string]any{"name": plan.Name.ValueString(), "billing_email": plan.BillingEmail.ValueString()}
	if !plan.KubectlEnabled.IsUnknown() && !plan.KubectlEnabled.IsNull() {
		present, err := client.Read[client.Org](ctx, r.api, "", orgPath(slug))
		if err != nil {
			return present, err
		}
		if present.KubectlEnabled != plan.KubectlEnabled.ValueBool() {
			body["kubectl_enabled"] = plan.KubectlEnabled.ValueBool()
		}
	}
	return client.Update[client.Org](ctx, r.api, "", orgPath(slug), body)
}

func (r *orgResource) identify(ctx context.Context, identity *tfsdk.ResourceIdentity, org client.Org) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.Set(ctx, orgIdentityModel{Slug: types.StringValue(org.Slug)})
}

func (r *orgResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var plan orgModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	if response.Diagnostics.HasError() {
		return
	}
	org, err := r.patch(ctx, plan)
	if client.IsNotFound(err) {
		response.Diagnostics.AddAttributeError(path.Root("slug"), "There is no such org",
			"The token's user belongs to no org "+plan.Slug.ValueString()+". This resource adopts an org that exists: create it in the panel first.")
		return
	}
	if err != nil {
		response.Diagnostics.AddError("The org can't be updated", sentence(err))
		return
	}
	plan.fill(org)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(r.identify(ctx, response.Identity, org)...)
}

func (r *orgResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var state orgModel
	response.Diagnostics.Append(request.State.Get(ctx, &state)...)
	if response.Diagnostics.HasError() {
		return
	}
	org, err := client.Read[client.Org](ctx, r.api, "", orgPath(state.Slug.ValueString()))
	if client.IsNotFound(err) {
		response.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		response.Diagnostics.AddError("The org can't be read", sentence(err))
		return
	}
	state.fill(org)
	response.Diagnostics.Append(response.State.Set(ctx, &state)...)
	response.Diagnostics.Append(r.identify(ctx, response.Identity, org)...)
}

func (r *orgResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var plan orgModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	if response.Diagnostics.HasError() {
		return
	}
	org, err := r.patch(ctx, plan)
	if err != nil {
		response.Diagnostics.AddError("The org can't be updated", sentence(err))
		return
	}
	plan.fill(org)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(r.identify(ctx, response.Identity, org)...)
}

// Delete leaves the org as it is; Terraform removes it from the state.
func (r *orgResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func (r *orgResource) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("slug"), path.Root("slug"), request, response)
}
