package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// containerRestartAction replaces the instance of a container by a new one.
type containerRestartAction struct {
	api *client.Client
}

var _ action.ActionWithConfigure = &containerRestartAction{}

type containerRestartModel struct {
	ID   types.String `tfsdk:"id"`
	Org  types.String `tfsdk:"org"`
	Pull types.Bool   `tfsdk:"pull"`
}

func (a *containerRestartAction) Metadata(_ context.Context, _ action.MetadataRequest, response *action.MetadataResponse) {
	response.TypeName = "dollarbox_container_restart"
}

func (a *containerRestartAction) Configure(_ context.Context, request action.ConfigureRequest, response *action.ConfigureResponse) {
	a.api = apiOf(request.ProviderData, &response.Diagnostics)
}

func (a *containerRestartAction) Schema(_ context.Context, _ action.SchemaRequest, response *action.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Restarts a container, and waits until it runs again. Needs Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"id":   schema.StringAttribute{Required: true, MarkdownDescription: "The container's id."},
			"org":  schema.StringAttribute{Optional: true, MarkdownDescription: "The org's slug. Default: the provider's `org`."},
			"pull": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether to pull the image again first. Default: `false`."},
		},
	}
}

func (a *containerRestartAction) Invoke(ctx context.Context, request action.InvokeRequest, response *action.InvokeResponse) {
	var config containerRestartModel
	response.Diagnostics.Append(request.Config.Get(ctx, &config)...)
	if response.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	path := containers.path(config.ID.ValueString()) + "restart/"
	body := map[string]any{"pull": config.Pull.ValueBool()}
	// The reply of the restart itself has to wait: afterwards, nothing in a container tells a restart that is to come.
	container, err := client.CreateAndWait[client.Container](ctx, a.api, config.Org.ValueString(), path, body)
	if err != nil {
		response.Diagnostics.AddError("The container can't be restarted", sentence(err))
		return
	}
	response.SendProgress(action.InvokeProgressEvent{Message: "The container " + container.Name + " restarts."})
	_, more := await(ctx, a.api, containers, containerSettling, container)
	response.Diagnostics.Append(more...)
}
