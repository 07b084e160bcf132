package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

const (
	// shortTerm bounds, in seconds, a credential that nobody revokes because the run was killed.
	shortTerm = 3600
	// openedKey is where Open leaves for Close what it issued.
	openedKey = "opened"
)

// kubectlCredentialEphemeral is a kubeconfig for one run, which no state has.
type kubectlCredentialEphemeral struct {
	api *client.Client
}

var (
	_ ephemeral.EphemeralResourceWithConfigure = &kubectlCredentialEphemeral{}
	_ ephemeral.EphemeralResourceWithClose     = &kubectlCredentialEphemeral{}
)

type kubectlCredentialEphemeralModel struct {
	Org        types.String `tfsdk:"org"`
	Name       types.String `tfsdk:"name"`
	ExpiresIn  types.Int64  `tfsdk:"expires_in"`
	ID         types.String `tfsdk:"id"`
	SAName     types.String `tfsdk:"sa_name"`
	Kubeconfig types.String `tfsdk:"kubeconfig"`
}

// opened is what Close needs to know.
type opened struct {
	Org string `json:"org"`
	ID  string `json:"id"`
}

func (e *kubectlCredentialEphemeral) Metadata(_ context.Context, _ ephemeral.MetadataRequest, response *ephemeral.MetadataResponse) {
	response.TypeName = "dollarbox_kubectl_credential"
}

func (e *kubectlCredentialEphemeral) Configure(_ context.Context, request ephemeral.ConfigureRequest, response *ephemeral.ConfigureResponse) {
	e.api = apiOf(request.ProviderData, &response.Diagnostics)
}

func (e *kubectlCredentialEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, response *ephemeral.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "A kubeconfig for the present run: issued for a short term when it is needed, revoked at the end, and stored in no state or plan. Needs Terraform 1.10 or OpenTofu 1.11.",
		Attributes: map[string]schema.Attribute{
			"org": schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "The slug of the org. Default: the provider's `org`."},
			"name": schema.StringAttribute{
				Optional: true, MarkdownDescription: "What it is for, up to 100 characters.",
				Validators: []validator.String{stringvalidator.LengthBetween(1, maxCredentialName)},
			},
			"expires_in": schema.Int64Attribute{
				Optional: true, Computed: true, MarkdownDescription: "Seconds until it expires if it is not revoked before, 60 to 31536000. Default: 3600.",
				Validators: []validator.Int64{int64validator.Between(minExpiresIn, maxExpiresIn)},
			},
			"id":         schema.StringAttribute{Computed: true, MarkdownDescription: "The id of the credential."},
			"sa_name":    schema.StringAttribute{Computed: true, MarkdownDescription: "The name of its service account."},
			"kubeconfig": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The kubeconfig."},
		},
	}
}

func (e *kubectlCredentialEphemeral) Open(ctx context.Context, request ephemeral.OpenRequest, response *ephemeral.OpenResponse) {
	var config kubectlCredentialEphemeralModel
	response.Diagnostics.Append(request.Config.Get(ctx, &config)...)
	if response.Diagnostics.HasError() {
		return
	}
	if config.ExpiresIn.IsNull() {
		config.ExpiresIn = types.Int64Value(shortTerm)
	}
	credential, err := issue(ctx, e.api, config.Org.ValueString(), config.Name, config.ExpiresIn)
	if err != nil {
		response.Diagnostics.AddError("The kubectl credential can't be issued", sentence(err))
		return
	}
	ref := credential.Ref()
	note, err := json.Marshal(opened{Org: ref.Org, ID: ref.ID})
	if err != nil {
		response.Diagnostics.AddError("The kubectl credential can't be noted for its revocation", sentence(err))
		return
	}
	response.Diagnostics.Append(response.Private.SetKey(ctx, openedKey, note)...)
	config.Org, config.ID = types.StringValue(ref.Org), types.StringValue(ref.ID)
	config.SAName, config.Kubeconfig = types.StringValue(credential.SAName), types.StringValue(credential.Kubeconfig)
	response.Diagnostics.Append(response.Result.Set(ctx, &config)...)
}

func (e *kubectlCredentialEphemeral) Close(ctx context.Context, request ephemeral.CloseRequest, response *ephemeral.CloseResponse) {
	note, more := request.Private.GetKey(ctx, openedKey)
	response.Diagnostics.Append(more...)
	var credential opened
	if len(note) == 0 {
		return
	}
	if err := json.Unmarshal(note, &credential); err != nil {
		response.Diagnostics.AddError("The kubectl credential can't be revoked", sentence(err))
		return
	}
	if err := revoke(ctx, e.api, credential.Org, credential.ID); err != nil {
		response.Diagnostics.AddError("The kubectl credential can't be revoked", sentence(err))
	}
}
