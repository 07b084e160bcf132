package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// memberResource adopts someone who is a member already, by address.
type memberResource struct{ base }

var (
	_ resource.ResourceWithConfigure   = &memberResource{}
	_ resource.ResourceWithIdentity    = &memberResource{}
	_ resource.ResourceWithImportState = &memberResource{}
)

type memberModel struct {
	ID       types.String `tfsdk:"id"`
	Org      types.String `tfsdk:"org"`
	Email    types.String `tfsdk:"email"`
	Name     types.String `tfsdk:"name"`
	Role     types.String `tfsdk:"role"`
	JoinedAt types.String `tfsdk:"joined_at"`
}

func (m *memberModel) fill(o client.Member) {
	m.ID, m.Org = types.StringValue(o.Ref().ID), types.StringValue(o.Org)
	m.Email, m.Name = keepSpelling(m.Email, o.Email), types.StringValue(o.Name)
	m.Role, m.JoinedAt = types.StringValue(o.Role), types.StringValue(o.JoinedAt)
}

func (r *memberResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "dollarbox_member"
}

func (r *memberResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, response *resource.IdentitySchemaResponse) {
	response.IdentitySchema = identitySchema
}

func (r *memberResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "The role of someone who is a member of the org already. Invite people with `dollarbox_invitation`. A destroy removes them from the org.",
		Attributes: map[string]schema.Attribute{
			"id":  idAttribute("membership"),
			"org": orgAttribute(),
			"email": schema.StringAttribute{
				Required: true, MarkdownDescription: "The member's address; compared without regard to case. A change of it replaces the resource.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(isOtherAddress,
					"Another address is another member.", "Another address is another member.")},
			},
			"role": schema.StringAttribute{
				Required: true, MarkdownDescription: "`owner`, `admin` or `member`. Only owners may change owners or make one.",
				Validators: []validator.String{stringvalidator.OneOf("owner", "admin", "member")},
			},
			"name":      computed("What people call them."),
			"joined_at": fixed("Since when (RFC 3339, UTC)."),
		},
	}
}

func isOtherAddress(_ context.Context, request planmodifier.StringRequest, response *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	response.RequiresReplace = !strings.EqualFold(request.StateValue.ValueString(), request.PlanValue.ValueString())
}

// keepSpelling prefers the configuration's spelling of an address to the account's: Terraform takes any other as a
// change.
func keepSpelling(present types.String, email string) types.String {
	if strings.EqualFold(present.ValueString(), email) {
		return present
	}
	return types.StringValue(email)
}

func (r *memberResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var plan memberModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	if response.Diagnostics.HasError() {
		return
	}
	member, err := members.find(ctx, r.api, plan.Org.ValueString(), plan.Email.ValueString())
	if err != nil {
		response.Diagnostics.AddError("The member can't be found",
			sentence(err)+" People become members by accepting an invitation, such as a dollarbox_invitation.")
		return
	}
	if member.Role != plan.Role.ValueString() {
		if member, err = r.patch(ctx, member.Ref(), plan.Role); err != nil {
			response.Diagnostics.AddError("The member's role can't be changed", sentence(err))
			return
		}
	}
	plan.fill(member)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, member.Ref())...)
}

func (r *memberResource) patch(ctx context.Context, ref client.Ref, role types.String) (client.Member, error) {
	return client.Update[client.Member](ctx, r.api, ref.Org, members.path(ref.ID), map[string]any{"role": role.ValueString()})
}

func (r *memberResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var state memberModel
	response.Diagnostics.Append(request.State.Get(ctx, &state)...)
	if response.Diagnostics.HasError() {
		return
	}
	member, ok := readObject(ctx, r.api, members, response)
	if !ok {
		return
	}
	state.fill(member)
	response.Diagnostics.Append(response.State.Set(ctx, &state)...)
}

func (r *memberResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var plan memberModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	if response.Diagnostics.HasError() {
		return
	}
	ref := client.Ref{Org: plan.Org.ValueString(), ID: plan.ID.ValueString()}
	member, err := r.patch(ctx, ref, plan.Role)
	if err != nil {
		response.Diagnostics.AddError("The member's role can't be changed", sentence(err))
		return
	}
	plan.fill(member)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, member.Ref())...)
}

func (r *memberResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	deleteObject(ctx, r.api, members, request.State, &response.Diagnostics)
}

func (r *memberResource) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	importObject(ctx, r.api, members, request, response)
}
