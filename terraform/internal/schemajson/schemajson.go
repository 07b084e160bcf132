// Package schemajson describes the provider as `terraform providers schema -json` does, without a Terraform: OpenTofu's
// output of it leaves out list resources and actions.
package schemajson

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/provider"
)

type object = map[string]any

// Make returns the document.
func Make(ctx context.Context) ([]byte, error) {
	server, err := providerserver.NewProtocol6WithError(provider.New("docs")())()
	if err != nil {
		return nil, err
	}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	for _, diagnostic := range append(schemas.Diagnostics, identities.Diagnostics...) {
		return nil, errors.New(diagnostic.Summary + ": " + diagnostic.Detail)
	}
	actions := map[string]*tfprotov6.Schema{}
	for name, action := range schemas.ActionSchemas {
		actions[name] = action.Schema
	}
	return json.MarshalIndent(object{
		"format_version": "1.0",
		// tfplugindocs looks for the bare name.
		"provider_schemas": object{"dollarbox": object{
			"provider":                   schemaObject(schemas.Provider),
			"resource_schemas":           schemaObjects(schemas.ResourceSchemas),
			"data_source_schemas":        schemaObjects(schemas.DataSourceSchemas),
			"ephemeral_resource_schemas": schemaObjects(schemas.EphemeralResourceSchemas),
			"list_resource_schemas":      schemaObjects(schemas.ListResourceSchemas),
			"action_schemas":             schemaObjects(actions),
			"functions":                  functionObjects(schemas.Functions),
			"resource_identity_schemas":  identityObjects(identities.IdentitySchemas),
		}},
	}, "", "  ")
}

func schemaObjects(schemas map[string]*tfprotov6.Schema) object {
	objects := object{}
	for name, schema := range schemas {
		objects[name] = schemaObject(schema)
	}
	return objects
}

func schemaObject(schema *tfprotov6.Schema) object {
	return object{"version": schema.Version, "block": blockObject(schema.Block)}
}

func blockObject(block *tfprotov6.SchemaBlock) object {
	blocks := object{}
	for _, nested := range block.BlockTypes {
		blocks[nested.TypeName] = object{
			"nesting_mode": nestings[nested.Nesting.String()], "block": blockObject(nested.Block),
			"min_items": nested.MinItems, "max_items": nested.MaxItems,
		}
	}
	return object{
		"attributes": attributeObjects(block.Attributes), "block_types": blocks,
		"description": block.Description, "description_kind": kind(block.DescriptionKind),
	}
}

// nestings are the document's words for the protocol's.
var nestings = map[string]string{"SINGLE": "single", "LIST": "list", "SET": "set", "MAP": "map", "GROUP": "group"}

func attributeObjects(attributes []*tfprotov6.SchemaAttribute) object {
	objects := object{}
	for _, attribute := range attributes {
		one := object{
			"description": attribute.Description, "description_kind": kind(attribute.DescriptionKind),
			"required": attribute.Required, "optional": attribute.Optional, "computed": attribute.Computed,
			"sensitive": attribute.Sensitive, "write_only": attribute.WriteOnly, "deprecated": attribute.Deprecated,
		}
		if nested := attribute.NestedType; nested != nil {
			one["nested_type"] = object{
				"attributes": attributeObjects(nested.Attributes), "nesting_mode": nestings[nested.Nesting.String()],
			}
		} else {
			one["type"] = attribute.Type
		}
		objects[attribute.Name] = one
	}
	return objects
}

func functionObjects(functions map[string]*tfprotov6.Function) object {
	objects := object{}
	for name, function := range functions {
		parameters := []object{}
		for _, parameter := range function.Parameters {
			parameters = append(parameters, object{
				"name": parameter.Name, "description": parameter.Description, "type": parameter.Type, "is_nullable": parameter.AllowNullValue,
			})
		}
		objects[name] = object{
			"summary": function.Summary, "description": function.Description,
			"return_type": function.Return.Type, "parameters": parameters,
		}
	}
	return objects
}

func identityObjects(identities map[string]*tfprotov6.ResourceIdentitySchema) object {
	objects := object{}
	for name, identity := range identities {
		attributes := object{}
		for _, attribute := range identity.IdentityAttributes {
			attributes[attribute.Name] = object{
				"type": attribute.Type, "description": attribute.Description,
				"required_for_import": attribute.RequiredForImport, "optional_for_import": attribute.OptionalForImport,
			}
		}
		objects[name] = object{"version": identity.Version, "attributes": attributes}
	}
	return objects
}

func kind(kind tfprotov6.StringKind) string {
	if kind == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}
