package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

type invitationResource struct{ base }

var (
	_ resource.ResourceWithConfigure   = &invitationResource{}
	_ resource.ResourceWithIdentity    = &invitationResource{}
	_ resource.ResourceWithImportState = &invitationResource{}
)

type invitationModel struct {
	ID        types.String `tfsdk:"id"`
	Org       types.String `tfsdk:"org"`
	Email     types.String `tfsdk:"email"`
	Role      types.String `tfsdk:"role"`
	Accepted  types.Bool   `tfsdk:"accepted"`
	AcceptURL types.String `tfsdk:"accept_url"`
	ExpiresAt types.String `tfsdk:"expires_at"`
	CreatedAt types.String `tfsdk:"created_at"`
}

// fill takes over what the API says, which leaves out accept_url after the create.
func (m *invitationModel) fill(o client.Invitation) {
	m.ID, m.Org = types.StringValue(o.Ref().ID), types.StringValue(o.Org)
	m.Email, m.Role = types.StringValue(o.Email), types.StringValue(o.Role)
	m.Accepted = types.BoolValue(o.Accepted)
	m.ExpiresAt, m.CreatedAt = types.StringValue(o.ExpiresAt), types.StringValue(o.CreatedAt)
}

func (r *invitationResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "dollarbox_invitation"
}

func (r *invitationResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, response *resource.IdentitySchemaResponse) {
	response.IdentitySchema = identitySchema
}

func (r *invitationResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	role := schema.StringAttribute{
		Optional: true, Computed: true, Default: stringdefault.StaticString("member"),
		MarkdownDescription: "`admin` or `member`, the default. A change of it replaces the invitation.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:          []validator.String{stringvalidator.OneOf("admin", "member")},
	}
	acceptURL := fixed("The page where it is accepted, once. Known to the create only, so null after an import. Give it to the invited person alone.")
	acceptURL.Sensitive = true
	response.Schema = schema.Schema{
		MarkdownDescription: "An invitation to join the org, sent by mail. One that was accepted stays, and its destroy removes nobody from the org.",
		Attributes: map[string]schema.Attribute{
			"id":         idAttribute("invitation"),
			"org":        orgAttribute(),
			"email":      replacing("Whom to invite."),
			"role":       role,
			"accepted":   schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it has been accepted."},
			"accept_url": acceptURL,
			"expires_at": computed("Until when it can be accepted (RFC 3339, UTC)."),
			"created_at": fixed("When it was created (RFC 3339, UTC)."),
		},
	}
}

func (r *invitationResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var plan invitationModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	if response.Diagnostics.HasError() {
		return
	}
	body := map[string]any{"email": plan.Email.ValueString(), "role": plan.Role.ValueString()}
	invitation, err := client.Create[client.Invitation](ctx, r.api, plan.Org.ValueString(), invitations.list(), body)
	if err != nil {
		response.Diagnostics.AddError("The invitation can't be created", sentence(err))
		return
	}
	if invitation.Notice != "" {
		response.Diagnostics.AddWarning("A notice about the invitation of "+invitation.Email, invitation.Notice)
	}
	plan.fill(invitation)
	plan.AcceptURL = types.StringValue(invitation.AcceptURL)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, invitation.Ref())...)
}

func (r *invitationResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var state invitationModel
	response.Diagnostics.Append(request.State.Get(ctx, &state)...)
	if response.Diagnostics.HasError() {
		return
	}
	invitation, ok := readObject(ctx, r.api, invitations, response)
	if !ok {
		return
	}
	state.fill(invitation)
	response.Diagnostics.Append(response.State.Set(ctx, &state)...)
}

// Update is never called: each change replaces the invitation.
func (r *invitationResource) Update(_ context.Context, _ resource.UpdateRequest, response *resource.UpdateResponse) {
	response.Diagnostics.AddError("An invitation can't be changed", "Please report this: each change should replace it.")
}

func (r *invitationResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	deleteObject(ctx, r.api, invitations, request.State, &response.Diagnostics)
}

func (r *invitationResource) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	importObject(ctx, r.api, invitations, request, response)
}
