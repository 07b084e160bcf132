package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

type volumeResource struct{ base }

var (
	_ resource.ResourceWithConfigure   = &volumeResource{}
	_ resource.ResourceWithIdentity    = &volumeResource{}
	_ resource.ResourceWithImportState = &volumeResource{}
)

type volumeModel struct {
	ID            types.String   `tfsdk:"id"`
	Org           types.String   `tfsdk:"org"`
	Name          types.String   `tfsdk:"name"`
	SizeGB        types.Int64    `tfsdk:"size_gb"`
	SizeEnforced  types.Bool     `tfsdk:"size_enforced"`
	Status        types.String   `tfsdk:"status"`
	StatusReason  types.String   `tfsdk:"status_reason"`
	StatusMessage types.String   `tfsdk:"status_message"`
	StorageClass  types.String   `tfsdk:"storage_class"`
	CreatedAt     types.String   `tfsdk:"created_at"`
	UpdatedAt     types.String   `tfsdk:"updated_at"`
	Wait          types.Bool     `tfsdk:"wait"`
	Timeouts      timeouts.Value `tfsdk:"timeouts"`
}

func (m *volumeModel) fill(v client.Volume) {
	m.ID, m.Org, m.Name = types.StringValue(v.Ref().ID), types.StringValue(v.Org), types.StringValue(v.Name)
	m.SizeGB, m.SizeEnforced = types.Int64Value(v.SizeGB), types.BoolValue(v.SizeEnforced)
	m.Status = types.StringValue(v.Status)
	m.StatusReason = types.StringPointerValue(v.StatusReason)
	m.StatusMessage = types.StringPointerValue(v.StatusMessage)
	m.StorageClass = types.StringValue(v.StorageClass)
	m.CreatedAt, m.UpdatedAt = types.StringValue(v.CreatedAt), types.StringValue(v.UpdatedAt)
	if m.Wait.IsNull() || m.Wait.IsUnknown() {
		m.Wait = types.BoolValue(true)
	}
}

func (r *volumeResource) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = "dollarbox_volume"
}

func (r *volumeResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, response *resource.IdentitySchemaResponse) {
	response.IdentitySchema = identitySchema
}

func (r *volumeResource) Schema(ctx context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "A volume: a place for data that outlives the containers that mount it. Its data is destroyed with it.",
		Attributes: map[string]schema.Attribute{
			"id":   idAttribute("volume"),
			"org":  orgAttribute(),
			"name": replacing("The volume's name: a DNS label, unique among the org's volumes."),
			"size_gb": schema.Int64Attribute{
				Required: true, MarkdownDescription: "Its size in GB. A change of it replaces the volume, **and destroys its data**.",
				PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()},
				Validators:    []validator.Int64{int64validator.Between(1, 2147483647)},
			},
			"size_enforced": schema.BoolAttribute{
				Computed: true, MarkdownDescription: "Whether the host keeps it from growing past its size.",
				PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseNonNullStateForUnknown()},
			},
			"status":         computed("`pending`, `provisioning`, `bound` or `failed`."),
			"status_reason":  computed("Why, as a machine word such as `unschedulable` or `data_lost`; null if all is well."),
			"status_message": computed("Why, as a sentence."),
			"storage_class":  fixed("How it is stored."),
			"created_at":     fixed("When it was created (RFC 3339, UTC)."),
			"updated_at":     computed("When it was last mounted or released, else when it was created."),
			"wait":           waitAttribute("the volume is bound or waits for its first container"),
		},
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{
				Create: true, CreateDescription: "How long to wait at most until it is bound, such as `5m`. Default: `20m`.",
				Delete: true, DeleteDescription: "How long a deletion may take. Default: `20m`.",
			}),
		},
	}
}

func (r *volumeResource) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var plan volumeModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	timeout, more := plan.Timeouts.Create(ctx, defaultTimeout)
	response.Diagnostics.Append(more...)
	if response.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body := map[string]any{"name": plan.Name.ValueString(), "size_gb": plan.SizeGB.ValueInt64()}
	volume, err := client.Create[client.Volume](ctx, r.api, plan.Org.ValueString(), volumes.list(), body)
	if err != nil {
		response.Diagnostics.AddError("The volume can't be created", sentence(err))
		return
	}
	if plan.Wait.ValueBool() {
		volume, more = await(ctx, r.api, volumes, volumeSettling, volume)
		response.Diagnostics.Append(more...)
	}
	plan.fill(volume)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, volume.Ref())...)
}

func (r *volumeResource) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	var state volumeModel
	response.Diagnostics.Append(request.State.Get(ctx, &state)...)
	if response.Diagnostics.HasError() {
		return
	}
	volume, ok := readObject(ctx, r.api, volumes, response)
	if !ok {
		return
	}
	state.fill(volume)
	response.Diagnostics.Append(response.State.Set(ctx, &state)...)
}

// Update is called for wait and timeouts alone, which the API knows nothing of: volumes are immutable.
func (r *volumeResource) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var plan volumeModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	if response.Diagnostics.HasError() {
		return
	}
	volume, err := client.Read[client.Volume](ctx, r.api, plan.Org.ValueString(), volumes.path(plan.ID.ValueString()))
	if err != nil {
		response.Diagnostics.AddError("The volume can't be read", sentence(err))
		return
	}
	plan.fill(volume)
	response.Diagnostics.Append(response.State.Set(ctx, &plan)...)
	response.Diagnostics.Append(setIdentity(ctx, response.Identity, volume.Ref())...)
}

func (r *volumeResource) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	var state volumeModel
	response.Diagnostics.Append(request.State.Get(ctx, &state)...)
	timeout, more := state.Timeouts.Delete(ctx, defaultTimeout)
	response.Diagnostics.Append(more...)
	if response.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	deleteObject(ctx, r.api, volumes, request.State, &response.Diagnostics)
}

func (r *volumeResource) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	importObject(ctx, r.api, volumes, request, response)
}
