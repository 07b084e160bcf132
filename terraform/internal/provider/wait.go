package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

func waitAttribute(settled string) schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true, Computed: true, Default: booldefault.StaticBool(true),
		MarkdownDescription: "Whether to wait until " + settled + ". A failure ends the wait and is reported. " +
			"With `false` the resource is done as soon as the API has accepted it. Default: `true`.",
	}
}

// settling is what waiting needs to know of a kind.
type settling[T client.Object] struct {
	isSettled func(T) bool
	hasFailed func(T) bool
	status    func(T) (status string, reason, message *string)
}

var containerSettling = settling[client.Container]{
	isSettled: client.Container.IsSettled,
	hasFailed: client.Container.HasFailed,
	status: func(c client.Container) (string, *string, *string) {
		return c.Status, c.StatusReason, c.StatusMessage
	},
}

var volumeSettling = settling[client.Volume]{
	isSettled: client.Volume.IsSettled,
	hasFailed: func(v client.Volume) bool { return v.Status == "failed" },
	status:    func(v client.Volume) (string, *string, *string) { return v.Status, v.StatusReason, v.StatusMessage },
}

// await waits until an object has settled, and reports a failure with the server's evidence. Returns the object as it
// was last seen.
func await[T client.Object](ctx context.Context, api *client.Client, k kind[T], s settling[T], object T) (T, diag.Diagnostics) {
	var diagnostics diag.Diagnostics
	ref := object.Ref()
	started := time.Now()
	last, err := client.Settled(ctx, api, ref.Org, k.path(ref.ID), s.isSettled)
	if last.Ref().ID == ref.ID {
		object = last
	}
	status, reason, message := s.status(object)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		diagnostics.AddError(
			fmt.Sprintf("The %s %q has not settled in time", k.words(), ref.Key),
			fmt.Sprintf("After %s its status is %q. %s It goes on behind: refresh to see how it ends, raise the timeout, or set wait = false.",
				time.Since(started).Round(time.Second), status, types.StringPointerValue(message).ValueString()))
	case err != nil:
		diagnostics.AddError(fmt.Sprintf("The wait for the %s %q ended", k.words(), ref.Key), sentence(err))
	case s.hasFailed(object):
		word := types.StringPointerValue(reason).ValueString()
		text := types.StringPointerValue(message).ValueString()
		if text == "" {
			text = "The server says no more about it."
		}
		diagnostics.AddError(fmt.Sprintf("The %s %q failed: %s", k.words(), ref.Key, word), text)
	}
	return object, diagnostics
}
