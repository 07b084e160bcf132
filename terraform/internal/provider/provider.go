// Package provider is the Terraform provider of DollarBox.
package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// Address is what configurations name as the provider's source.
const Address = "dollarbox.dev/dollarbox/dollarbox"

const (
	typeName        = "dollarbox"
	defaultEndpoint = "https://app.dollarbox.dev"
)

type dollarboxProvider struct {
	version string
}

// New returns a function that creates the provider.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &dollarboxProvider{version: version} }
}

type providerModel struct {
	Endpoint types.String `tfsdk:"endpoint"`
	Token    types.String `tfsdk:"token"`
	Org      types.String `tfsdk:"org"`
}

func (p *dollarboxProvider) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = typeName
	response.Version = p.version
}

func (p *dollarboxProvider) Schema(_ context.Context, _ provider.SchemaRequest, response *provider.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Containers, volumes, and people of a [DollarBox](https://dollarbox.dev) installation, through its REST API.",
		Attributes: map[string]schema.Attribute{
			"endpoint": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The URL of the installation, such as `http://localhost:8080`. " +
					"Default: the environment variable `DOLLARBOX_ENDPOINT`, else `" + defaultEndpoint + "`.",
			},
			"token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "An API token, `dbx_…`, with the scope `write` unless you only read. Default: the environment variable `DOLLARBOX_TOKEN`.",
			},
			"org": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The slug of the org to act in; needed if the token's user belongs to several. " +
					"Default: the environment variable `DOLLARBOX_ORG`, else the token's org, else the user's only one.",
			},
		},
	}
}

func (p *dollarboxProvider) Configure(ctx context.Context, request provider.ConfigureRequest, response *provider.ConfigureResponse) {
	var config providerModel
	response.Diagnostics.Append(request.Config.Get(ctx, &config)...)
	if response.Diagnostics.HasError() {
		return
	}
	setting := func(name string, value types.String, variable, fallback string) string {
		if value.IsUnknown() {
			response.Diagnostics.AddAttributeError(path.Root(name), "The value is not known yet",
				"The provider needs it to read the API. Use a value that is known before the plan, or the environment variable "+variable+".")
		}
		for _, candidate := range []string{value.ValueString(), os.Getenv(variable)} {
			if candidate != "" {
				return candidate
			}
		}
		return fallback
	}
	options := client.Options{
		Endpoint:  setting("endpoint", config.Endpoint, "DOLLARBOX_ENDPOINT", defaultEndpoint),
		Token:     setting("token", config.Token, "DOLLARBOX_TOKEN", ""),
		Org:       setting("org", config.Org, "DOLLARBOX_ORG", ""),
		UserAgent: "terraform-provider-dollarbox/" + p.version,
	}
	if response.Diagnostics.HasError() {
		return
	}
	if options.Token == "" {
		response.Diagnostics.AddAttributeError(path.Root("token"), "There is no API token",
			"Create a token in the panel under Account, API tokens, and set it as DOLLARBOX_TOKEN or as the provider's token.")
		return
	}
	api, err := client.New(options)
	if err != nil {
		response.Diagnostics.AddAttributeError(path.Root("endpoint"), "The endpoint can't be used", sentence(err))
		return
	}
	response.ResourceData = api
	response.DataSourceData = api
	response.EphemeralResourceData = api
	response.ListResourceData = api
	response.ActionData = api
}

func (p *dollarboxProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &containerResource{} },
		func() resource.Resource { return &volumeResource{} },
		func() resource.Resource { return &orgResource{} },
		func() resource.Resource { return &memberResource{} },
		func() resource.Resource { return &invitationResource{} },
		func() resource.Resource { return &registryResource{} },
		func() resource.Resource { return &kubectlCredentialResource{} },
	}
}

func (p *dollarboxProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newContainerDataSource, newContainersDataSource,
		newVolumeDataSource, newVolumesDataSource,
		newOrgDataSource, newOrgsDataSource,
		newMemberDataSource, newMembersDataSource,
		newInvitationDataSource, newInvitationsDataSource,
		newRegistryDataSource, newRegistriesDataSource,
		newKubectlCredentialDataSource, newKubectlCredentialsDataSource,
	}
}

func (p *dollarboxProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		func() ephemeral.EphemeralResource { return &kubectlCredentialEphemeral{} },
	}
}

func (p *dollarboxProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		newContainerList, newVolumeList, newMemberList, newInvitationList, newRegistryList,
	}
}

func (p *dollarboxProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		func() action.Action { return &containerRestartAction{} },
	}
}

func (p *dollarboxProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		func() function.Function { return parseImageFunction{} },
	}
}
