package provider

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	defaultPullPolicy       = "if_not_present"
	defaultStopGraceSeconds = 10
)

// mountType is the type of an element of volumes.
var mountType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"volume":     types.StringType,
	"mount_path": types.StringType,
}}

func (r *containerResource) Schema(ctx context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"id":             idAttribute("container"),
		"org":            orgAttribute(),
		"name":           replacing("The container's name: a DNS label, unique among the org's containers. Others in the org reach it by this name."),
		"status":         computed("`pending`, `running`, `failed` or `stopped`: tells of the process, not of the roll-out of a change."),
		"status_reason":  computed("Why, as a machine word such as `image_not_found` or `crash_loop`; null if all is well."),
		"status_message": computed("Why, as a sentence with the evidence: exit code, last lines of output, error of the pull."),
		"ipv6_address":   fixed("The container's own address, for life."),
		"created_at":     fixed("When it was created (RFC 3339, UTC)."),
		"updated_at":     computed("When what it should be was last changed."),
		"wait":           waitAttribute("the container runs as described"),
	}
	for name, attribute := range containerSpecAttributes() {
		attributes[name] = attribute
	}
	response.Schema = schema.Schema{
		MarkdownDescription: "A container: one image that is kept running, with an IPv6 address of its own.",
		Attributes:          attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{
				Create: true, CreateDescription: "How long to wait at most until it runs, such as `5m`. Default: `20m`.",
				Update: true, UpdateDescription: "How long to wait at most until a change is in effect. Default: `20m`.",
				Delete: true, DeleteDescription: "How long a deletion may take. Default: `20m`.",
			}),
		},
	}
}

// containerSpecAttributes are those that can be changed in place.
func containerSpecAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"image": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Any OCI image reference, such as `nginx:1.27` or `registry.example.com/a/b@sha256:…`.",
		},
		"env": schema.MapAttribute{
			ElementType: types.StringType, Optional: true, Computed: true, Sensitive: true,
			Default:             mapdefault.StaticValue(types.MapValueMust(types.StringType, map[string]attr.Value{})),
			MarkdownDescription: "Environment variables. Their values are stored in the state; for secrets use `env_wo`. Default: none.",
		},
		"env_wo": schema.MapAttribute{
			ElementType: types.StringType, Optional: true, Sensitive: true, WriteOnly: true,
			MarkdownDescription: "Further environment variables, which are never stored in state or plan. Sent when `env_wo_version` changes. Needs Terraform 1.11 or OpenTofu 1.11.",
			Validators: []validator.Map{
				mapvalidator.AlsoRequires(path.MatchRoot("env_wo_version")),
			},
		},
		"env_wo_version": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "Any number. Change it to send `env_wo` again.",
			Validators:          []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("env_wo"))},
		},
		"command": schema.ListAttribute{
			ElementType: types.StringType, Optional: true, Computed: true,
			Default:             listdefault.StaticValue(types.ListValueMust(types.StringType, []attr.Value{})),
			MarkdownDescription: "Replaces the image's entrypoint and command. Default: the image's own.",
		},
		"ports": schema.ListAttribute{
			ElementType: types.Int64Type, Optional: true, Computed: true,
			Default:             listdefault.StaticValue(types.ListValueMust(types.Int64Type, []attr.Value{})),
			MarkdownDescription: "TCP ports. Default: those that the image exposes.",
		},
		"volumes": volumesAttribute(),
		"pull_policy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(defaultPullPolicy),
			MarkdownDescription: "`if_not_present`: an image that is already on the engine is used as it is, unless its tag is `latest` or missing. `always`: each change pulls the image. Default: `if_not_present`.",
			Validators:          []validator.String{stringvalidator.OneOf("if_not_present", "always")},
		},
		"stop_grace_seconds": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(defaultStopGraceSeconds),
			MarkdownDescription: "Seconds from the stop signal to the kill, 1 to 120. Default: 10.",
			Validators:          []validator.Int64{int64validator.Between(1, 120)},
		},
		"init": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether a small init process runs as PID 1 and reaps orphaned processes. Default: `false`.",
		},
	}
}

func volumesAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		Optional: true, Computed: true,
		Default:             listdefault.StaticValue(types.ListValueMust(mountType, []attr.Value{})),
		MarkdownDescription: "Volumes to mount. A volume is in one container at most. Default: none.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"volume": schema.StringAttribute{
				Required: true, MarkdownDescription: "The volume's id.",
				Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^[0-9]{1,16}$`), "must be a volume's id")},
			},
			"mount_path": schema.StringAttribute{
				Required: true, MarkdownDescription: "An absolute path in the container.",
			},
		}},
	}
}
