package provider

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// secretKeysKey is where the private state has the names of the variables that came from env_wo. The API returns them
// with all others, and only their names tell which of them the state must not have.
const secretKeysKey = "env_wo_keys"

type privateReader interface {
	GetKey(context.Context, string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(context.Context, string, []byte) diag.Diagnostics
}

func secretKeysGet(ctx context.Context, private privateReader) ([]string, diag.Diagnostics) {
	text, diagnostics := private.GetKey(ctx, secretKeysKey)
	keys := []string{}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &keys); err != nil {
			diagnostics.AddError("The private state of a container is damaged", sentence(err))
		}
	}
	return keys, diagnostics
}

func secretKeysSet(ctx context.Context, private privateWriter, keys []string) diag.Diagnostics {
	text, err := json.Marshal(keys)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The private state can't be written", sentence(err))}
	}
	return private.SetKey(ctx, secretKeysKey, text)
}

// secretEnv reads env_wo, which is in the configuration alone.
func secretEnv(ctx context.Context, config tfsdk.Config) (map[string]string, diag.Diagnostics) {
	var value types.Map
	diagnostics := config.GetAttribute(ctx, path.Root("env_wo"), &value)
	secrets := map[string]string{}
	if !diagnostics.HasError() && !value.IsNull() {
		diagnostics.Append(value.ElementsAs(ctx, &secrets, false)...)
	}
	return secrets, diagnostics
}

// merged are all variables of a container.
func merged(ctx context.Context, env types.Map, secrets map[string]string) (map[string]string, diag.Diagnostics) {
	all := map[string]string{}
	diagnostics := env.ElementsAs(ctx, &all, false)
	maps.Copy(all, secrets)
	return all, diagnostics
}

// updatedEnv returns the variables that an update sends, nil if it sends none, and the names of the secret ones. Secrets
// whose version is the same are kept as the server has them: env is always replaced as a whole.
func (r *containerResource) updatedEnv(
	ctx context.Context, config tfsdk.Config, plan, state *containerModel, keys []string,
) (map[string]string, []string, diag.Diagnostics) {
	isNewVersion := !plan.EnvWOVersion.Equal(state.EnvWOVersion)
	if !isNewVersion && plan.Env.Equal(state.Env) {
		return nil, keys, nil
	}
	secrets, diagnostics := secretEnv(ctx, config)
	if !isNewVersion && len(keys) > 0 {
		present, err := client.Read[client.Container](ctx, r.api, state.Org.ValueString(), containers.path(state.ID.ValueString()))
		if err != nil {
			diagnostics.AddError("The container can't be read", sentence(err))
			return nil, keys, diagnostics
		}
		secrets = map[string]string{}
		for _, key := range keys {
			if value, ok := present.Env[key]; ok {
				secrets[key] = value
			}
		}
	}
	all, more := merged(ctx, plan.Env, secrets)
	diagnostics.Append(more...)
	return all, slices.Sorted(maps.Keys(secrets)), diagnostics
}
