package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/image"
)

// parseImageFunction takes an image reference apart.
type parseImageFunction struct{}

type imageModel struct {
	Registry   string  `tfsdk:"registry"`
	Repository string  `tfsdk:"repository"`
	Tag        *string `tfsdk:"tag"`
	Digest     *string `tfsdk:"digest"`
}

func (parseImageFunction) Metadata(_ context.Context, _ function.MetadataRequest, response *function.MetadataResponse) {
	response.Name = "parse_image"
}

func (parseImageFunction) Definition(_ context.Context, _ function.DefinitionRequest, response *function.DefinitionResponse) {
	response.Definition = function.Definition{
		Summary: "Takes an image reference apart",
		MarkdownDescription: "Returns the `registry`, `repository`, `tag` and `digest` of an image reference, as DollarBox reads it. " +
			"`tag` and `digest` are null where the reference has none, and `nginx` is `docker.io`, `library/nginx`.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "reference", MarkdownDescription: "An image reference, such as `nginx:1.27`."},
		},
		Return: function.ObjectReturn{AttributeTypes: map[string]attr.Type{
			"registry": types.StringType, "repository": types.StringType, "tag": types.StringType, "digest": types.StringType,
		}},
	}
}

func (parseImageFunction) Run(ctx context.Context, request function.RunRequest, response *function.RunResponse) {
	var text string
	response.Error = request.Arguments.Get(ctx, &text)
	if response.Error != nil {
		return
	}
	parsed, err := image.Parse(text)
	if err != nil {
		response.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	response.Error = response.Result.Set(ctx, imageModel(parsed))
}
