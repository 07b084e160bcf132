package provider

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

type memberData struct {
	ID       string `tfsdk:"id"`
	Org      string `tfsdk:"org"`
	UserID   string `tfsdk:"user_id"`
	Email    string `tfsdk:"email"`
	Name     string `tfsdk:"name"`
	Role     string `tfsdk:"role"`
	JoinedAt string `tfsdk:"joined_at"`
}

var memberView = view[client.Member, memberData]{
	kind: members, description: "A member of the org, by id or address.",
	attributes: func() map[string]schema.Attribute {
		return map[string]schema.Attribute{
			"id": text("The id of the membership."), "org": text("The org's slug."), "user_id": text("The id of the person, as in the actor of an event."), "email": text("The member's address."),
			"name": text("What people call them."), "role": text("`owner`, `admin` or `member`."), "joined_at": text("Since when."),
		}
	},
	model: func(_ context.Context, m client.Member) memberData {
		return memberData{ID: m.Ref().ID, Org: m.Org, UserID: strconv.FormatInt(m.UserID, 10), Email: m.Email, Name: m.Name, Role: m.Role, JoinedAt: m.JoinedAt}
	},
}

func newMemberDataSource() datasource.DataSource {
	return &objectDataSource[client.Member, memberData]{view: memberView}
}

func newMembersDataSource() datasource.DataSource {
	return &listDataSource[client.Member, memberData]{view: memberView}
}

type invitationData struct {
	ID        string `tfsdk:"id"`
	Org       string `tfsdk:"org"`
	Email     string `tfsdk:"email"`
	Role      string `tfsdk:"role"`
	Accepted  bool   `tfsdk:"accepted"`
	ExpiresAt string `tfsdk:"expires_at"`
	CreatedAt string `tfsdk:"created_at"`
}

var invitationView = view[client.Invitation, invitationData]{
	kind: invitations, description: "An invitation, by its id or the newest to an address.",
	attributes: func() map[string]schema.Attribute {
		return map[string]schema.Attribute{
			"id": text("The invitation's id."), "org": text("The org's slug."), "email": text("Who is invited."),
			"role": text("`admin` or `member`."), "accepted": flag("Whether it has been accepted."),
			"expires_at": text("Until when it can be accepted."), "created_at": text("When it was created."),
		}
	},
	model: func(_ context.Context, i client.Invitation) invitationData {
		return invitationData{ID: i.Ref().ID, Org: i.Org, Email: i.Email, Role: i.Role, Accepted: i.Accepted, ExpiresAt: i.ExpiresAt, CreatedAt: i.CreatedAt}
	},
}

func newInvitationDataSource() datasource.DataSource {
	return &objectDataSource[client.Invitation, invitationData]{view: invitationView}
}

func newInvitationsDataSource() datasource.DataSource {
	return &listDataSource[client.Invitation, invitationData]{view: invitationView}
}

type registryData struct {
	ID                string `tfsdk:"id"`
	Org               string `tfsdk:"org"`
	Host              string `tfsdk:"host"`
	PathPrefix        string `tfsdk:"path_prefix"`
	Username          string `tfsdk:"username"`
	SecretFingerprint string `tfsdk:"secret_fingerprint"`
	CreatedAt         string `tfsdk:"created_at"`
}

var registryView = view[client.Registry, registryData]{
	kind: registries, description: "A credential for a private registry, by its id or by `host`, with the path prefix if it has one (`ghcr.io/team`).",
	attributes: func() map[string]schema.Attribute {
		return map[string]schema.Attribute{
			"id": text("The credential's id."), "org": text("The org's slug."), "host": text("The registry's host."),
			"path_prefix": text("Only for images whose path begins with this; empty: for all."), "username": text("Who signs in."),
			"secret_fingerprint": text("The same for the same secret in the same org."), "created_at": text("When it was created."),
		}
	},
	model: func(_ context.Context, r client.Registry) registryData {
		return registryData{
			ID: r.Ref().ID, Org: r.Org, Host: r.Host, PathPrefix: r.PathPrefix, Username: r.Username,
			SecretFingerprint: r.SecretFingerprint, CreatedAt: r.CreatedAt,
		}
	},
}

func newRegistryDataSource() datasource.DataSource {
	return &objectDataSource[client.Registry, registryData]{view: registryView}
}

func newRegistriesDataSource() datasource.DataSource {
	return &listDataSource[client.Registry, registryData]{view: registryView}
}

const orgsCollection = "orgs"

type orgData struct {
	Slug           string `tfsdk:"slug"`
	Name           string `tfsdk:"name"`
	BillingEmail   string `tfsdk:"billing_email"`
	Status         string `tfsdk:"status"`
	BillingMode    string `tfsdk:"billing_mode"`
	KubectlEnabled bool   `tfsdk:"kubectl_enabled"`
	APIEnabled     bool   `tfsdk:"api_enabled"`
	Role           string `tfsdk:"role"`
	CreatedAt      string `tfsdk:"created_at"`
}

// listedOrg makes an org an Object, so that lists of orgs are like all others.
type listedOrg struct{ client.Org }

func (o listedOrg) Ref() client.Ref { return client.Ref{Org: o.Slug, ID: o.Slug, Key: o.Slug} }

var orgView = view[listedOrg, orgData]{
	kind: kind[listedOrg]{noun: "org", collection: orgsCollection, key: "slug"}, description: "An org of the token's user.",
	attributes: func() map[string]schema.Attribute {
		return map[string]schema.Attribute{
			"slug": text("The org's slug."), "name": text("What people call it."), "billing_email": text("Where bills go; empty for nowhere."),
			"status": text("`active`, or `suspended` by the operator."), "billing_mode": text("How the org pays."),
			"kubectl_enabled": flag("Whether kubectl credentials can be created."), "api_enabled": flag("Whether tokens may use the API for this org."),
			"role": text("The role of the token's user."), "created_at": text("When it was created."),
		}
	},
	model: func(_ context.Context, o listedOrg) orgData { return orgData(o.Org) },
}

func newOrgsDataSource() datasource.DataSource {
	return &listDataSource[listedOrg, orgData]{view: orgView}
}

// orgDataSource differs from the others: an org has no id, and the provider's is the default.
type orgDataSource struct {
	api *client.Client
}

func newOrgDataSource() datasource.DataSource { return &orgDataSource{} }

func (d *orgDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = "dollarbox_org"
}

func (d *orgDataSource) Configure(_ context.Context, request datasource.ConfigureRequest, response *datasource.ConfigureResponse) {
	d.api = apiOf(request.ProviderData, &response.Diagnostics)
}

func (d *orgDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	attributes := orgView.attributes()
	attributes["slug"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "The org's slug. Default: the provider's `org`, else the user's only org.",
	}
	response.Schema = schema.Schema{MarkdownDescription: orgView.description, Attributes: attributes}
}

func (d *orgDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var slug types.String
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("slug"), &slug)...)
	if response.Diagnostics.HasError() {
		return
	}
	org, err := d.org(ctx, slug.ValueString())
	if err != nil {
		response.Diagnostics.AddError("The org can't be read", sentence(err))
		return
	}
	data := orgData(org)
	response.Diagnostics.Append(response.State.Set(ctx, &data)...)
}

// org returns the org that is named, the provider's, or the only one.
func (d *orgDataSource) org(ctx context.Context, slug string) (client.Org, error) {
	if slug == "" {
		slug = d.api.Org()
	}
	if slug != "" {
		return client.Read[client.Org](ctx, d.api, "", orgPath(slug))
	}
	orgs, err := client.List[client.Org](ctx, d.api, "", "/orgs/", nil)
	if err != nil {
		return client.Org{}, err
	}
	if len(orgs) != 1 {
		return client.Org{}, fmt.Errorf("the token's user belongs to %d orgs: give slug, or set the provider's org", len(orgs))
	}
	return orgs[0], nil
}

// idText is an id as Terraform has it.
func idText(id *int64) *string {
	if id == nil {
		return nil
	}
	text := strconv.FormatInt(*id, 10)
	return &text
}
