package acceptance

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

func TestInvitation(t *testing.T) {
	t.Parallel()
	needsServer(t)
	email := "Ada." + name("x") + "@example.invalid"
	text := func(role string) string {
		return config(`resource "dollarbox_invitation" "ada" {
			email = "EMAIL"
			ROLE
		}
		data "dollarbox_invitation" "ada" { email = lower(dollarbox_invitation.ada.email) }
		data "dollarbox_invitations" "all" { depends_on = [dollarbox_invitation.ada] }`, "EMAIL", email, "ROLE", role)
	}
	const address = "dollarbox_invitation.ada"
	ignored := []string{"accept_url"}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{
				Config: text(""),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("email"), knownvalue.StringExact(email)),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("role"), knownvalue.StringExact("member")),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("accept_url"), knownvalue.StringRegexp(regexp.MustCompile("^http"))),
					statecheck.ExpectSensitiveValue(address, tfjsonpath.New("accept_url")),
				},
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttrPair("data.dollarbox_invitation.ada", "id", address, "id"),
					resource.TestCheckTypeSetElemAttrPair("data.dollarbox_invitations.all", "invitations.*.id", address, "id"),
				),
			},
			{
				Config: text(`role = "admin"`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace),
				}},
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: ignored},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: ignored, ImportStateId: org() + "/" + email},
		},
	})
}

// The member is adopted, and removed from the org at the end: no other test may use them.
func TestMember(t *testing.T) {
	t.Parallel()
	needsServer(t)
	member := os.Getenv(memberVariable)
	text := func(email, role string) string {
		return config(`resource "dollarbox_member" "grace" {
			email = "EMAIL"
			role  = "ROLE"
		}
		data "dollarbox_member" "grace" { email = dollarbox_member.grace.email }
		data "dollarbox_members" "all" { depends_on = [dollarbox_member.grace] }`, "EMAIL", email, "ROLE", role)
	}
	const address = "dollarbox_member.grace"
	action := func(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{
				Config:      text("nobody@example.invalid", "admin"),
				ExpectError: regexp.MustCompile(`(?s)no member\s+"nobody@example.invalid"`),
			},
			{
				Config: text(strings.ToUpper(member), "admin"),
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttr(address, "role", "admin"),
					resource.TestCheckResourceAttrPair("data.dollarbox_member.grace", "id", address, "id"),
					resource.TestCheckResourceAttr("data.dollarbox_member.grace", "email", member),
					resource.TestCheckTypeSetElemAttrPair("data.dollarbox_members.all", "members.*.id", address, "id"),
				),
			},
			{Config: text(member, "member"), ConfigPlanChecks: action(plancheck.ResourceActionUpdate)},
			{ResourceName: address, ImportState: true, ImportStateVerify: true},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: member},
		},
	})
}

func TestOrg(t *testing.T) {
	t.Parallel()
	needsServer(t)
	slug := os.Getenv(otherOrgVariable)
	text := func(slug, name, more string) string {
		return config(`resource "dollarbox_org" "other" {
			slug          = "SLUG"
			name          = "NAME"
			billing_email = "bills@example.com"
			MORE
		}
		data "dollarbox_org" "named" { slug = dollarbox_org.other.slug }
		data "dollarbox_org" "default" {}
		data "dollarbox_orgs" "all" { depends_on = [dollarbox_org.other] }`, "SLUG", slug, "NAME", name, "MORE", more)
	}
	const address = "dollarbox_org.other"
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{Config: text("no-such-org", "x", ""), ExpectError: regexp.MustCompile("There is no such org")},
			{
				Config: text(slug, "The other one", ""),
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttr("data.dollarbox_org.named", "name", "The other one"),
					resource.TestCheckResourceAttr("data.dollarbox_org.named", "role", "owner"),
					resource.TestCheckResourceAttr("data.dollarbox_org.default", "slug", org()),
					resource.TestCheckTypeSetElemNestedAttrs("data.dollarbox_orgs.all", "orgs.*", map[string]string{"slug": slug, "name": "The other one"}),
				),
			},
			{
				Config: text(slug, "Other", "kubectl_enabled = true"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				}},
				Check: resource.TestCheckResourceAttr(address, "kubectl_enabled", "true"),
			},
			{
				ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: slug,
				ImportStateVerifyIdentifierAttribute: "slug",
			},
			{Config: text(slug, "Other", "kubectl_enabled = false")},
		},
	})
}

func TestParseImage(t *testing.T) {
	t.Parallel()
	needsServer(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{
				Config: `output "image" { value = provider::dollarbox::parse_image("nginx:1.27") }
				# So that the provider is required.
				data "dollarbox_orgs" "all" {}`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("image", knownvalue.ObjectExact(map[string]knownvalue.Check{
						"registry": knownvalue.StringExact("docker.io"), "repository": knownvalue.StringExact("library/nginx"),
						"tag": knownvalue.StringExact("1.27"), "digest": knownvalue.Null(),
					})),
				},
			},
			{
				Config: `output "image" { value = provider::dollarbox::parse_image("No Image") }
				data "dollarbox_orgs" "all" {}`,
				ExpectError: regexp.MustCompile("is\\s+not\\s+an\\s+image\\s+reference"),
			},
			// What is destroyed at the end must be valid.
			{Config: `data "dollarbox_orgs" "all" {}`},
		},
	})
}
