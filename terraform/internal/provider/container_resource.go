package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

type containerResource struct{ base }

var (
	_ resource.ResourceWithConfigure      = &containerResource{}
	_ resource.ResourceWithIdentity       = &containerResource{}
	_ resource.ResourceWithImportState    = &containerResource{}
	_ resource.ResourceWithValidateConfig = &containerResource{}
)

func (r *containerResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "dollarbox_container"
}

func (r *containerResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, response *resource.IdentitySchemaResponse) {
	response.IdentitySchema = identitySchema
}

// ValidateConfig refuses a variable that is in both maps: its value would be in the state after all.
func (r *containerResource) ValidateConfig(ctx context.Context, request resource.ValidateConfigRequest, response *resource.ValidateConfigResponse) {
	var env, secret types.Map
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("env"), &env)...)
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("env_wo"), &secret)...)
	for key := range secret.Elements() {
		if _, ok := env.Elements()[key]; ok {
			response.Diagnostics.AddAttributeError(path.Root("env_wo"), "A variable is given twice", "The variable "+key+" is in env and in env_wo. Remove one of them.")
		}
	}
}

func (r *containerResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var plan containerModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	timeout, more := plan.Timeouts.Create(ctx, defaultTimeout)
	response.Diagnostics.Append(more...)
	body, more := plan.body(ctx)
	response.Diagnostics.Append(more...)
	secrets, more := secretEnv(ctx, request.Config)
	response.Diagnostics.Append(more...)
	body["env"], more = merged(ctx, plan.Env, secrets)
	response.Diagnostics.Append(more...)
	if response.Diagnostics.HasError() {
		return
	}
	body["name"] = plan.Name.ValueString()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	container, err := client.Create[client.Container](ctx, r.api, plan.Org.ValueString(), containers.list(), body)
	if err != nil {
		response.Diagnostics.AddError("The container can't be created", sentence(err))
		return
	}
	if plan.Wait.ValueBool() {
		container, more = await(ctx, r.api, containers, containerSettling, container)
		response.Diagnostics.Append(more...)
	}
	// One that failed is in the state as well, so that it is not forgotten.
	keys := slices.Sorted(maps.Keys(secrets))
	response.Diagnostics.Append(secretKeysSet(ctx, response.Private, keys)...)
	response.Diagnostics.Append(plan.fill(ctx, container, keys)...)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, container.Ref())...)
}

func (r *containerResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var state containerModel
	response.Diagnostics.Append(request.State.Get(ctx, &state)...)
	keys, more := secretKeysGet(ctx, request.Private)
	response.Diagnostics.Append(more...)
	if response.Diagnostics.HasError() {
		return
	}
	container, ok := readObject(ctx, r.api, containers, response)
	if !ok {
		return
	}
	response.Diagnostics.Append(state.fill(ctx, container, keys)...)
	response.Diagnostics.Append(response.State.Set(ctx, &state)...)
}

func (r *containerResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var plan, state containerModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	response.Diagnostics.Append(request.State.Get(ctx, &state)...)
	timeout, more := plan.Timeouts.Update(ctx, defaultTimeout)
	response.Diagnostics.Append(more...)
	body, more := plan.changes(ctx, &state)
	response.Diagnostics.Append(more...)
	keys, more := secretKeysGet(ctx, request.Private)
	response.Diagnostics.Append(more...)
	if response.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	env, keys, more := r.updatedEnv(ctx, request.Config, &plan, &state, keys)
	response.Diagnostics.Append(more...)
	if response.Diagnostics.HasError() {
		return
	}
	if env != nil {
		body["env"] = env
	}
	// An empty change, of timeouts say, is no error, and returns the container.
	container, err := client.Update[client.Container](ctx, r.api, state.Org.ValueString(), containers.path(state.ID.ValueString()), body)
	if err != nil {
		response.Diagnostics.AddError("The container can't be updated", sentence(err))
		return
	}
	if plan.Wait.ValueBool() && len(body) > 0 {
		container, more = await(ctx, r.api, containers, containerSettling, container)
		response.Diagnostics.Append(more...)
	}
	response.Diagnostics.Append(secretKeysSet(ctx, response.Private, keys)...)
	response.Diagnostics.Append(plan.fill(ctx, container, keys)...)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, container.Ref())...)
}

func (r *containerResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var state containerModel
	response.Diagnostics.Append(request.State.Get(ctx, &state)...)
	timeout, more := state.Timeouts.Delete(ctx, defaultTimeout)
	response.Diagnostics.Append(more...)
	if response.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	deleteObject(ctx, r.api, containers, request.State, &response.Diagnostics)
}

func (r *containerResource) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	importObject(ctx, r.api, containers, request, response)
}
