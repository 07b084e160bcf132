package provider

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

type containerModel struct {
	ID               types.String   `tfsdk:"id"`
	Org              types.String   `tfsdk:"org"`
	Name             types.String   `tfsdk:"name"`
	Image            types.String   `tfsdk:"image"`
	Env              types.Map      `tfsdk:"env"`
	EnvWO            types.Map      `tfsdk:"env_wo"`
	EnvWOVersion     types.Int64    `tfsdk:"env_wo_version"`
	Command          types.List     `tfsdk:"command"`
	Ports            types.List     `tfsdk:"ports"`
	Volumes          types.List     `tfsdk:"volumes"`
	PullPolicy       types.String   `tfsdk:"pull_policy"`
	StopGraceSeconds types.Int64    `tfsdk:"stop_grace_seconds"`
	Init             types.Bool     `tfsdk:"init"`
	Status           types.String   `tfsdk:"status"`
	StatusReason     types.String   `tfsdk:"status_reason"`
	StatusMessage    types.String   `tfsdk:"status_message"`
	IPv6Address      types.String   `tfsdk:"ipv6_address"`
	CreatedAt        types.String   `tfsdk:"created_at"`
	UpdatedAt        types.String   `tfsdk:"updated_at"`
	Wait             types.Bool     `tfsdk:"wait"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`
}

type mountModel struct {
	Volume    types.String `tfsdk:"volume"`
	MountPath types.String `tfsdk:"mount_path"`
}

// fill takes over what the API says. secretKeys are the variables that came from env_wo, which no state may have.
func (m *containerModel) fill(ctx context.Context, c client.Container, secretKeys []string) diag.Diagnostics {
	var diagnostics, more diag.Diagnostics
	ref := c.Ref()
	m.ID, m.Org = types.StringValue(ref.ID), types.StringValue(c.Org)
	m.Name, m.Image = types.StringValue(c.Name), types.StringValue(c.Image)
	m.Env, more = types.MapValueFrom(ctx, types.StringType, without(c.Env, secretKeys))
	diagnostics.Append(more...)
	m.Command, more = types.ListValueFrom(ctx, types.StringType, notNil(c.Command))
	diagnostics.Append(more...)
	m.Ports, more = types.ListValueFrom(ctx, types.Int64Type, notNil(c.Ports))
	diagnostics.Append(more...)
	m.Volumes, more = types.ListValueFrom(ctx, mountType, mountModels(c.Volumes))
	diagnostics.Append(more...)
	m.PullPolicy = types.StringValue(c.PullPolicy)
	m.StopGraceSeconds = types.Int64Value(c.StopGraceSeconds)
	m.Init = types.BoolValue(c.Init)
	m.Status = types.StringValue(c.Status)
	m.StatusReason = types.StringPointerValue(c.StatusReason)
	m.StatusMessage = types.StringPointerValue(c.StatusMessage)
	m.IPv6Address = types.StringPointerValue(c.IPv6Address)
	m.CreatedAt, m.UpdatedAt = types.StringValue(c.CreatedAt), types.StringValue(c.UpdatedAt)
	if m.Wait.IsNull() || m.Wait.IsUnknown() {
		m.Wait = types.BoolValue(true)
	}
	return diagnostics
}

// body is what a create sends, less env.
func (m *containerModel) body(ctx context.Context) (map[string]any, diag.Diagnostics) {
	var diagnostics diag.Diagnostics
	command, ports, mounts := []string{}, []int64{}, []mountModel{}
	diagnostics.Append(m.Command.ElementsAs(ctx, &command, false)...)
	diagnostics.Append(m.Ports.ElementsAs(ctx, &ports, false)...)
	diagnostics.Append(m.Volumes.ElementsAs(ctx, &mounts, false)...)
	volumes := make([]client.Mount, len(mounts))
	for index, mount := range mounts {
		id, err := strconv.ParseInt(mount.Volume.ValueString(), 10, 64)
		if err != nil {
			diagnostics.AddError("A volume's id is not a number", err.Error())
		}
		volumes[index] = client.Mount{Volume: id, MountPath: mount.MountPath.ValueString()}
	}
	return map[string]any{
		"image": m.Image.ValueString(), "command": command, "ports": ports, "volumes": volumes,
		"pull_policy": m.PullPolicy.ValueString(), "stop_grace_seconds": m.StopGraceSeconds.ValueInt64(),
		"init": m.Init.ValueBool(),
	}, diagnostics
}

// changes is what an update sends, less env: the fields that differ from the state.
func (m *containerModel) changes(ctx context.Context, state *containerModel) (map[string]any, diag.Diagnostics) {
	body, diagnostics := m.body(ctx)
	same := map[string]bool{
		"image": m.Image.Equal(state.Image), "command": m.Command.Equal(state.Command),
		"ports": m.Ports.Equal(state.Ports), "volumes": m.Volumes.Equal(state.Volumes),
		"pull_policy":        m.PullPolicy.Equal(state.PullPolicy),
		"stop_grace_seconds": m.StopGraceSeconds.Equal(state.StopGraceSeconds),
		"init":               m.Init.Equal(state.Init),
	}
	for field, isSame := range same {
		if isSame {
			delete(body, field)
		}
	}
	return body, diagnostics
}

func mountModels(mounts []client.Mount) []mountModel {
	models := make([]mountModel, len(mounts))
	for index, mount := range mounts {
		models[index] = mountModel{
			Volume:    types.StringValue(strconv.FormatInt(mount.Volume, 10)),
			MountPath: types.StringValue(mount.MountPath),
		}
	}
	return models
}

func without(values map[string]string, keys []string) map[string]string {
	rest := make(map[string]string, len(values))
	for key, value := range values {
		rest[key] = value
	}
	for _, key := range keys {
		delete(rest, key)
	}
	return rest
}

// notNil keeps an absent list apart from Terraform's null.
func notNil[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}
