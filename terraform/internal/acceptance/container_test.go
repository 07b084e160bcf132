package acceptance

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// Each step of resource.Test ends in a plan, which must be empty.

func TestContainer(t *testing.T) {
	t.Parallel()
	needsServer(t)
	name := name("web")
	// As configurations for the first provider have it.
	first := config(`resource "dollarbox_container" "web" {
		name  = "NAME"
		image = "IMAGE"
	}`, "NAME", name)
	changed := config(`resource "dollarbox_container" "web" {
		name    = "NAME"
		image   = "IMAGE"
		env     = { GREETING = "hi \"you\"\n$HOME 🦊", EMPTY = "" }
		command = ["/bin/sh", "-c", "sleep 1d"]
		ports   = [8080, 80]
		init    = true
		pull_policy        = "if_not_present"
		stop_grace_seconds = 1
	}`, "NAME", name)
	const address = "dollarbox_container.web"
	imports := func(id string) resource.TestStep {
		return resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: id}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{
				Config: first,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("running")),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("ipv6_address"), knownvalue.StringRegexp(regexp.MustCompile(":"))),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("org"), knownvalue.StringExact(org())),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("env"), knownvalue.MapSizeExact(0)),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("command"), knownvalue.ListSizeExact(0)),
				},
			},
			{
				Config: changed,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				}},
				Check: func(*terraform.State) error {
					c := containerNamed(t, name)
					if c == nil || c.Env["GREETING"] != "hi \"you\"\n$HOME 🦊" || len(c.Env) != 2 || len(c.Ports) != 2 || !c.Init || c.StopGraceSeconds != 1 {
						return fmt.Errorf("the server has %+v", c)
					}
					if c.ObservedGeneration != c.Generation {
						return fmt.Errorf("the change is not in effect: %+v", c)
					}
					return nil
				},
			},
			imports(""), imports(name), imports(org() + "/" + name),
			// What is left out goes back to its default.
			{Config: first},
		},
		CheckDestroy: func(*terraform.State) error {
			if c := containerNamed(t, name); c != nil {
				return fmt.Errorf("the container is still there: %+v", c)
			}
			return nil
		},
	})
}

func TestContainerIsReplaced(t *testing.T) {
	t.Parallel()
	needsServer(t)
	first, second := name("a"), name("b")
	text := `resource "dollarbox_container" "web" {
		name  = "NAME"
		image = "IMAGE"
		wait  = false
		timeouts { create = "5m" }
	}`
	const address = "dollarbox_container.web"
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{Config: config(text, "NAME", first)},
			{
				// Somebody deletes it elsewhere.
				PreConfig: func() {
					container := containerNamed(t, first)
					if err := api(t).Delete(context.Background(), "", fmt.Sprintf("/containers/%d/", container.ID)); err != nil {
						t.Fatal(err)
					}
				},
				Config: config(text, "NAME", first),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
				}},
			},
			{
				Config: config(text, "NAME", second),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace),
				}},
			},
			{
				Config: config(`provider "dollarbox" { org = "" }
				resource "dollarbox_container" "web" {
					name  = "NAME"
					image = "IMAGE"
					org   = "ORG"
				}`, "NAME", second, "ORG", os.Getenv(otherOrgVariable)),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("org"), knownvalue.StringExact(os.Getenv(otherOrgVariable))),
				},
			},
		},
	})
}

func TestContainerWithVolume(t *testing.T) {
	t.Parallel()
	needsServer(t)
	container, volume := name("db"), name("data")
	both := config(`
		resource "dollarbox_volume" "data" {
			name    = "VOLUME"
			size_gb = 1
		}
		resource "dollarbox_container" "db" {
			name    = "CONTAINER"
			image   = "IMAGE"
			volumes = [{ volume = dollarbox_volume.data.id, mount_path = "/data" }]
		}`, "VOLUME", volume, "CONTAINER", container)
	read := both + `
		data "dollarbox_volume" "data" {
			id         = dollarbox_volume.data.id
			depends_on = [dollarbox_container.db]
		}
		data "dollarbox_container" "db" { name = dollarbox_container.db.name }
		data "dollarbox_volumes" "all" { depends_on = [dollarbox_container.db] }
		data "dollarbox_containers" "named" { name = dollarbox_container.db.name }`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{Config: both},
			{
				Config: read,
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttrPair("data.dollarbox_volume.data", "container", "dollarbox_container.db", "id"),
					resource.TestCheckResourceAttr("data.dollarbox_volume.data", "mount_path", "/data"),
					resource.TestCheckResourceAttrPair("data.dollarbox_container.db", "volumes.0.volume", "dollarbox_volume.data", "id"),
					resource.TestCheckResourceAttr("data.dollarbox_containers.named", "containers.#", "1"),
					resource.TestCheckResourceAttrPair("data.dollarbox_containers.named", "containers.0.id", "dollarbox_container.db", "id"),
					resource.TestCheckTypeSetElemAttrPair("data.dollarbox_volumes.all", "volumes.*.id", "dollarbox_volume.data", "id"),
				),
			},
			{ResourceName: "dollarbox_volume.data", ImportState: true, ImportStateVerify: true},
			{ResourceName: "dollarbox_container.db", ImportState: true, ImportStateVerify: true, ImportStateId: container},
		},
	})
}
