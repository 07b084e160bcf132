package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// The models of data sources are the API's objects with Terraform's names and string ids.

type containerData struct {
	ID                 string            `tfsdk:"id"`
	Org                string            `tfsdk:"org"`
	Name               string            `tfsdk:"name"`
	Image              string            `tfsdk:"image"`
	Env                map[string]string `tfsdk:"env"`
	Command            []string          `tfsdk:"command"`
	Ports              []int64           `tfsdk:"ports"`
	Volumes            []mountModel      `tfsdk:"volumes"`
	PullPolicy         string            `tfsdk:"pull_policy"`
	StopGraceSeconds   int64             `tfsdk:"stop_grace_seconds"`
	Init               bool              `tfsdk:"init"`
	Status             string            `tfsdk:"status"`
	StatusReason       *string           `tfsdk:"status_reason"`
	StatusMessage      *string           `tfsdk:"status_message"`
	StatusSince        string            `tfsdk:"status_since"`
	DesiredStatus      string            `tfsdk:"desired_status"`
	Restarting         bool              `tfsdk:"restarting"`
	NextRetryAt        *string           `tfsdk:"next_retry_at"`
	Warnings           []warningData     `tfsdk:"warnings"`
	RestartCount       int64             `tfsdk:"restart_count"`
	IPv6Address        *string           `tfsdk:"ipv6_address"`
	Generation         int64             `tfsdk:"generation"`
	ObservedGeneration int64             `tfsdk:"observed_generation"`
	CreatedAt          string            `tfsdk:"created_at"`
	UpdatedAt          string            `tfsdk:"updated_at"`
}

type warningData struct {
	Code    string `tfsdk:"code"`
	Message string `tfsdk:"message"`
}

var containerView = view[client.Container, containerData]{
	kind: containers, description: "A container, by its id or its name.",
	attributes: func() map[string]schema.Attribute {
		env := schema.MapAttribute{ElementType: types.StringType, Computed: true, Sensitive: true, MarkdownDescription: "Environment variables, those of `env_wo` as well."}
		return map[string]schema.Attribute{
			"id": text("The container's id."), "org": text("The org's slug."), "name": text("Its name."),
			"image": text("Its image."), "env": env,
			"command": texts("Replaces the image's entrypoint and command; empty: the image's own."),
			"ports":   schema.ListAttribute{ElementType: types.Int64Type, Computed: true, MarkdownDescription: "TCP ports; empty: those that the image exposes."},
			"volumes": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "Mounted volumes.", NestedObject: nested(map[string]schema.Attribute{
				"volume": text("The volume's id."), "mount_path": text("Where it is in the container."),
			})},
			"pull_policy": text("`if_not_present` or `always`."), "stop_grace_seconds": number("Seconds from the stop signal to the kill."),
			"init": flag("Whether a small init process runs as PID 1."), "status": text("`pending`, `running`, `failed` or `stopped`."),
			"status_reason": text("Why, as a machine word; null if all is well."), "status_message": text("Why, as a sentence."),
			"status_since": text("Since when the status is what it is."), "next_retry_at": text("When what has failed is tried again; null if that is not known."),
			"desired_status": text("What was asked for: `running` or `stopped`."), "restarting": flag("Whether a restart was asked for that has not happened yet."),
			"warnings": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "What is noticed about the process while it runs.", NestedObject: nested(map[string]schema.Attribute{
				"code": text("A machine word."), "message": text("What is noticed, and what to do about it."),
			})},
			"restart_count": number("Restarts since it was last changed."), "ipv6_address": text("Its own address."),
			"generation": number("Moves with each change."), "observed_generation": number("The last generation that runs."),
			"created_at": text("When it was created."), "updated_at": text("When it was last changed."),
		}
	},
	model: func(_ context.Context, c client.Container) containerData {
		warnings := make([]warningData, len(c.Warnings))
		for index, warning := range c.Warnings {
			warnings[index] = warningData(warning)
		}
		return containerData{
			ID: c.Ref().ID, Org: c.Org, Name: c.Name, Image: c.Image, Env: without(c.Env, nil), Command: notNil(c.Command),
			Ports: notNil(c.Ports), Volumes: mountModels(c.Volumes), PullPolicy: c.PullPolicy, StopGraceSeconds: c.StopGraceSeconds,
			Init: c.Init, Status: c.Status, StatusReason: c.StatusReason, StatusMessage: c.StatusMessage,
			StatusSince: c.StatusSince, DesiredStatus: c.DesiredStatus, Restarting: c.Restarting, NextRetryAt: c.NextRetryAt, Warnings: warnings, RestartCount: c.RestartCount, IPv6Address: c.IPv6Address, Generation: c.Generation,
			ObservedGeneration: c.ObservedGeneration, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		}
	},
}

func newContainerDataSource() datasource.DataSource {
	return &objectDataSource[client.Container, containerData]{view: containerView}
}

func newContainersDataSource() datasource.DataSource {
	return &listDataSource[client.Container, containerData]{view: containerView, filters: map[string]string{
		"name": "Only the one with this name.", "status": "Only those with this status.",
	}}
}

type volumeData struct {
	ID            string  `tfsdk:"id"`
	Org           string  `tfsdk:"org"`
	Name          string  `tfsdk:"name"`
	SizeGB        int64   `tfsdk:"size_gb"`
	SizeEnforced  bool    `tfsdk:"size_enforced"`
	UsedBytes     *int64  `tfsdk:"used_bytes"`
	Status        string  `tfsdk:"status"`
	StatusReason  *string `tfsdk:"status_reason"`
	StatusMessage *string `tfsdk:"status_message"`
	StorageClass  string  `tfsdk:"storage_class"`
	Container     *string `tfsdk:"container"`
	MountPath     *string `tfsdk:"mount_path"`
	CreatedAt     string  `tfsdk:"created_at"`
	UpdatedAt     string  `tfsdk:"updated_at"`
}

var volumeView = view[client.Volume, volumeData]{
	kind: volumes, description: "A volume, by its id or its name.",
	attributes: func() map[string]schema.Attribute {
		return map[string]schema.Attribute{
			"id": text("The volume's id."), "org": text("The org's slug."), "name": text("Its name."),
			"size_gb": number("Its size in GB."), "size_enforced": flag("Whether the host keeps it from growing past its size."),
			"used_bytes": number("Bytes of data in it, measured every few minutes; null where that is not known."),
			"status":     text("`pending`, `provisioning`, `bound` or `failed`."), "status_reason": text("Why, as a machine word; null if all is well."),
			"status_message": text("Why, as a sentence."), "storage_class": text("How it is stored."),
			"container": text("The id of the container that mounts it; null if none does."), "mount_path": text("Where it is mounted in that container."),
			"created_at": text("When it was created."), "updated_at": text("When it was last mounted or released, else when it was created."),
		}
	},
	model: func(_ context.Context, v client.Volume) volumeData {
		return volumeData{
			ID: v.Ref().ID, Org: v.Org, Name: v.Name, SizeGB: v.SizeGB, SizeEnforced: v.SizeEnforced, UsedBytes: v.UsedBytes,
			Status: v.Status, StatusReason: v.StatusReason, StatusMessage: v.StatusMessage, StorageClass: v.StorageClass,
			Container: idText(v.Container), MountPath: v.MountPath, CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
		}
	},
}

func newVolumeDataSource() datasource.DataSource {
	return &objectDataSource[client.Volume, volumeData]{view: volumeView}
}

func newVolumesDataSource() datasource.DataSource {
	return &listDataSource[client.Volume, volumeData]{view: volumeView, filters: map[string]string{
		"name": "Only the one with this name.", "status": "Only those with this status.",
	}}
}

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func texts(description string) schema.ListAttribute {
	return schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
}

func number(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func flag(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
}

func nested(attributes map[string]schema.Attribute) schema.NestedAttributeObject {
	return schema.NestedAttributeObject{Attributes: attributes}
}
