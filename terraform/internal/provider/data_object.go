package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// view is how data sources show objects of a kind.
type view[T client.Object, M any] struct {
	kind[T]
	// description is of one object.
	description string
	// attributes are those of M, all of them read-only.
	attributes func() map[string]schema.Attribute
	model      func(context.Context, T) M
}

// objectDataSource reads one object, by its id or its key.
type objectDataSource[T client.Object, M any] struct {
	view[T, M]
	api *client.Client
}

func (d *objectDataSource[T, M]) Metadata(_ context.Context, _ datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = "dollarbox_" + d.noun
}

func (d *objectDataSource[T, M]) Configure(_ context.Context, request datasource.ConfigureRequest, response *datasource.ConfigureResponse) {
	d.api = apiOf(request.ProviderData, &response.Diagnostics)
}

func (d *objectDataSource[T, M]) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	attributes := d.attributes()
	attributes["id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: fmt.Sprintf("The id of the %s. Give this or `%s`.", d.words(), d.key),
	}
	attributes[d.key] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: fmt.Sprintf("The %s of the %s. Give this or `id`.", d.key, d.words()),
	}
	attributes["org"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "The slug of the org that it belongs to. Default: the provider's `org`.",
	}
	response.Schema = schema.Schema{MarkdownDescription: d.description, Attributes: attributes}
}

func (d *objectDataSource[T, M]) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var id, key, org types.String
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("id"), &id)...)
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root(d.key), &key)...)
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("org"), &org)...)
	if response.Diagnostics.HasError() {
		return
	}
	if id.IsNull() == key.IsNull() {
		response.Diagnostics.AddError("Which "+d.words()+" is meant is not clear", fmt.Sprintf("Give either id or %s.", d.key))
		return
	}
	if !id.IsNull() && !isID(id.ValueString()) {
		response.Diagnostics.AddAttributeError(path.Root("id"), "The id is not a number", "Name the "+d.words()+" by "+d.key+" instead.")
		return
	}
	object, err := d.find(ctx, d.api, org.ValueString(), id.ValueString()+key.ValueString())
	if err != nil {
		response.Diagnostics.AddError(fmt.Sprintf("The %s can't be read", d.words()), sentence(err))
		return
	}
	model := d.model(ctx, object)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

// listDataSource reads all objects of a kind.
type listDataSource[T client.Object, M any] struct {
	view[T, M]
	// filters are parameters of the API's list, with what they select.
	filters map[string]string
	api     *client.Client
}

func (d *listDataSource[T, M]) Metadata(_ context.Context, _ datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = "dollarbox_" + d.listName()
}

func (d *listDataSource[T, M]) Configure(_ context.Context, request datasource.ConfigureRequest, response *datasource.ConfigureResponse) {
	d.api = apiOf(request.ProviderData, &response.Diagnostics)
}

func (d *listDataSource[T, M]) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		d.listName(): schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "Newest first.",
			NestedObject: schema.NestedAttributeObject{Attributes: d.attributes()},
		},
	}
	for name, description := range d.settings() {
		attributes[name] = schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	response.Schema = schema.Schema{MarkdownDescription: "All " + d.plural() + " that the token may see.", Attributes: attributes}
}

// settings are the attributes of the configuration, with their descriptions.
func (d *listDataSource[T, M]) settings() map[string]string {
	settings := maps.Clone(d.filters)
	if settings == nil {
		settings = map[string]string{}
	}
	if d.collection != orgsCollection {
		settings["org"] = "Only those of the org with this slug. Default: the provider's `org`, else all orgs of the user."
	}
	return settings
}

func (d *listDataSource[T, M]) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	org, filters := "", map[string][]string{}
	for name := range d.settings() {
		var value types.String
		response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root(name), &value)...)
		switch {
		case value.IsNull():
		case name == "org":
			org = value.ValueString()
		default:
			filters[name] = []string{value.ValueString()}
		}
	}
	if response.Diagnostics.HasError() {
		return
	}
	objects, err := client.List[T](ctx, d.api, org, d.list(), filters)
	if err != nil {
		response.Diagnostics.AddError(fmt.Sprintf("The %s can't be read", d.plural()), sentence(err))
		return
	}
	models := make([]M, len(objects))
	for index, object := range objects {
		models[index] = d.model(ctx, object)
	}
	response.State.Raw = request.Config.Raw
	response.Diagnostics.Append(response.State.SetAttribute(ctx, path.Root(d.listName()), models)...)
}
