package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// The shortest and the longest term of a credential, in seconds.
const (
	minExpiresIn = 60
	maxExpiresIn = 31_536_000
)

// maxCredentialName is the longest name of a credential, in characters.
const maxCredentialName = 100

var credentials = kind[client.KubectlCredential]{noun: "kubectl_credential", collection: "kubectl-credentials", key: "sa_name"}

// kubectlCredentialResource is a kubeconfig of the token's user.
type kubectlCredentialResource struct{ base }

var (
	_ resource.ResourceWithConfigure   = &kubectlCredentialResource{}
	_ resource.ResourceWithIdentity    = &kubectlCredentialResource{}
	_ resource.ResourceWithImportState = &kubectlCredentialResource{}
)

type kubectlCredentialModel struct {
	ID               types.String `tfsdk:"id"`
	Org              types.String `tfsdk:"org"`
	Name             types.String `tfsdk:"name"`
	Email            types.String `tfsdk:"email"`
	SAName           types.String `tfsdk:"sa_name"`
	Kubeconfig       types.String `tfsdk:"kubeconfig"`
	ExpiresIn        types.Int64  `tfsdk:"expires_in"`
	CreatedAt        types.String `tfsdk:"created_at"`
	ExpiresAt        types.String `tfsdk:"expires_at"`
	RotatedAt        types.String `tfsdk:"rotated_at"`
	LastDownloadedAt types.String `tfsdk:"last_downloaded_at"`
}

// fill takes over what the API says, which leaves out kubeconfig after the create.
func (m *kubectlCredentialModel) fill(c client.KubectlCredential) {
	m.ID, m.Org, m.SAName = types.StringValue(c.Ref().ID), types.StringValue(c.Org), types.StringValue(c.SAName)
	m.Name, m.Email = types.StringPointerValue(c.Name), types.StringValue(c.Email)
	m.CreatedAt, m.ExpiresAt = types.StringPointerValue(c.CreatedAt), types.StringPointerValue(c.ExpiresAt)
	m.RotatedAt = types.StringPointerValue(c.RotatedAt)
	m.LastDownloadedAt = types.StringPointerValue(c.LastDownloadedAt)
}

// issue creates a credential; without a name and a term the request has no body.
func issue(ctx context.Context, api *client.Client, org string, name types.String, expiresIn types.Int64) (client.KubectlCredential, error) {
	fields := map[string]any{}
	if text := name.ValueString(); text != "" {
		fields["name"] = text
	}
	if !expiresIn.IsNull() {
		fields["expires_in"] = expiresIn.ValueInt64()
	}
	var body any
	if len(fields) > 0 {
		body = fields
	}
	return client.Create[client.KubectlCredential](ctx, api, org, credentials.list(), body)
}

func (r *kubectlCredentialResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "dollarbox_kubectl_credential"
}

func (r *kubectlCredentialResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, response *resource.IdentitySchemaResponse) {
	response.IdentitySchema = identitySchema
}

func (r *kubectlCredentialResource) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	kubeconfig := fixed("The kubeconfig. Known to the create only, so null after an import.")
	kubeconfig.Sensitive = true
	response.Schema = schema.Schema{
		MarkdownDescription: "A kubeconfig of the token's user, in an org with kubectl mode. It is stored in the state: prefer the ephemeral resource of the same name where you can.",
		Attributes: map[string]schema.Attribute{
			"id":  idAttribute("credential"),
			"org": orgAttribute(),
			"name": schema.StringAttribute{
				Optional: true, Computed: true, MarkdownDescription: "What it is for, up to 100 characters. A change of it replaces the resource.",
				PlanModifiers: []planmodifier.String{
					stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured(),
				},
				Validators: []validator.String{stringvalidator.LengthBetween(1, maxCredentialName)},
			},
			"email":      fixed("The address of the member that it acts for."),
			"sa_name":    fixed("The name of its service account."),
			"kubeconfig": kubeconfig,
			"expires_in": schema.Int64Attribute{
				Optional: true, MarkdownDescription: "Seconds until it expires, 60 to 31536000. Default: it doesn't. A change of it replaces the resource.",
				PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()},
				Validators:    []validator.Int64{int64validator.Between(minExpiresIn, maxExpiresIn)},
			},
			"created_at":         fixed("When it was created (RFC 3339, UTC)."),
			"expires_at":         fixed("When it expires; null: when it is revoked."),
			"rotated_at":         computed("When its token was last replaced."),
			"last_downloaded_at": computed("When its kubeconfig was last handed out."),
		},
	}
}

func (r *kubectlCredentialResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var plan kubectlCredentialModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	if response.Diagnostics.HasError() {
		return
	}
	credential, err := issue(ctx, r.api, plan.Org.ValueString(), plan.Name, plan.ExpiresIn)
	if err != nil {
		response.Diagnostics.AddError("The kubectl credential can't be created", sentence(err))
		return
	}
	plan.fill(credential)
	plan.Kubeconfig = types.StringValue(credential.Kubeconfig)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, credential.Ref())...)
}

func (r *kubectlCredentialResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var state kubectlCredentialModel
	response.Diagnostics.Append(request.State.Get(ctx, &state)...)
	if response.Diagnostics.HasError() {
		return
	}
	credential, ok := readObject(ctx, r.api, credentials, response)
	if !ok {
		return
	}
	state.fill(credential)
	response.Diagnostics.Append(response.State.Set(ctx, &state)...)
}

// Update is never called: each change replaces the credential.
func (r *kubectlCredentialResource) Update(_ context.Context, _ resource.UpdateRequest, response *resource.UpdateResponse) {
	response.Diagnostics.AddError("A kubectl credential can't be changed", "Please report this: each change should replace it.")
}

func (r *kubectlCredentialResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	deleteObject(ctx, r.api, credentials, request.State, &response.Diagnostics)
}

func (r *kubectlCredentialResource) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	importObject(ctx, r.api, credentials, request, response)
}

type kubectlCredentialData struct {
	ID               string  `tfsdk:"id"`
	Org              string  `tfsdk:"org"`
	Name             *string `tfsdk:"name"`
	Email            string  `tfsdk:"email"`
	SAName           string  `tfsdk:"sa_name"`
	CreatedAt        *string `tfsdk:"created_at"`
	ExpiresAt        *string `tfsdk:"expires_at"`
	RotatedAt        *string `tfsdk:"rotated_at"`
	LastDownloadedAt *string `tfsdk:"last_downloaded_at"`
}

var kubectlCredentialView = view[client.KubectlCredential, kubectlCredentialData]{
	kind: credentials, description: "A kubectl credential without its kubeconfig, by its id or the name of its service account.",
	attributes: func() map[string]dataschema.Attribute {
		return map[string]dataschema.Attribute{
			"id": text("The credential's id."), "org": text("The org's slug."), "name": text("What it is for; null if nobody said."),
			"email": text("The address of the member that it acts for."), "sa_name": text("The name of its service account."),
			"created_at": text("When it was created."), "expires_at": text("When it expires; null: when it is revoked."),
			"rotated_at": text("When its token was last replaced."), "last_downloaded_at": text("When its kubeconfig was last handed out."),
		}
	},
	model: func(_ context.Context, c client.KubectlCredential) kubectlCredentialData {
		return kubectlCredentialData{
			ID: c.Ref().ID, Org: c.Org, Name: c.Name, Email: c.Email, SAName: c.SAName,
			CreatedAt: c.CreatedAt, ExpiresAt: c.ExpiresAt, RotatedAt: c.RotatedAt, LastDownloadedAt: c.LastDownloadedAt,
		}
	},
}

func newKubectlCredentialDataSource() datasource.DataSource {
	return &objectDataSource[client.KubectlCredential, kubectlCredentialData]{view: kubectlCredentialView}
}

func newKubectlCredentialsDataSource() datasource.DataSource {
	return &listDataSource[client.KubectlCredential, kubectlCredentialData]{view: kubectlCredentialView}
}

// revoke ends a credential.
func revoke(ctx context.Context, api *client.Client, org, id string) error {
	if err := api.Delete(ctx, org, credentials.path(id)); err != nil {
		return fmt.Errorf("the kubectl credential %s is not revoked, and lasts until it expires: %w", id, err)
	}
	return nil
}
