package acceptance

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

func envTestConfig(name, image, env, secret, version string) string {
	return config(`resource "dollarbox_container" "web" {
		name           = "NAME"
		image          = "REFERENCE"
		env            = ENV
		env_wo         = SECRET
		env_wo_version = VERSION
	}`, "NAME", name, "REFERENCE", image, "ENV", env, "SECRET", secret, "VERSION", version)
}

func TestContainerEnvWriteOnly(t *testing.T) {
	t.Parallel()
	needsServer(t)
	name := name("secret")
	has := func(want string) resource.TestCheckFunc {
		return func(state *terraform.State) error {
			text, err := json.Marshal(containerNamed(t, name).Env)
			if err != nil || string(text) != want {
				return fmt.Errorf("the server has %s instead of %s (%v)", text, want, err)
			}
			stored, err := json.Marshal(state)
			if err != nil || strings.Contains(string(stored), "hunter") {
				return fmt.Errorf("the state has the secret (%v)", err)
			}
			return nil
		}
	}
	updates := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction("dollarbox_container.web", plancheck.ResourceActionUpdate),
	}}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{
				Config:      envTestConfig(name, image(), `{ A = "1" }`, `{ A = "hunter1" }`, "1"),
				ExpectError: regexp.MustCompile("is in env and in env_wo"),
			},
			{
				Config:      envTestConfig(name, image(), `{}`, `{ A = "hunter1" }`, "null"),
				ExpectError: regexp.MustCompile("env_wo_version"),
			},
			{
				Config: envTestConfig(name, image(), `{ A = "1" }`, `{ PASSWORD = "hunter1" }`, "1"),
				Check:  has(`{"A":"1","PASSWORD":"hunter1"}`),
			},
			{
				// A new secret under the same version is not sent, though env is.
				Config: envTestConfig(name, image(), `{ A = "2" }`, `{ PASSWORD = "hunter2" }`, "1"), ConfigPlanChecks: updates,
				Check: has(`{"A":"2","PASSWORD":"hunter1"}`),
			},
			{
				Config: envTestConfig(name, image(), `{ A = "2" }`, `{ PIN = "hunter3" }`, "2"), ConfigPlanChecks: updates,
				Check: has(`{"A":"2","PIN":"hunter3"}`),
			},
			{
				Config: envTestConfig(name, image(), `{ A = "2" }`, `null`, "null"), ConfigPlanChecks: updates,
				Check: has(`{"A":"2"}`),
			},
		},
	})
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	needsServer(t)
	host := name("r") + ".example.com"
	text := func(secret, version string) string {
		return config(`resource "dollarbox_registry" "images" {
			host              = "HOST"
			path_prefix       = "team"
			username          = "robot"
			secret_wo         = "SECRET"
			secret_wo_version = VERSION
		}
		data "dollarbox_registry" "images" { host = "${dollarbox_registry.images.host}/team" }
		data "dollarbox_registries" "all" { depends_on = [dollarbox_registry.images] }`, "HOST", host, "SECRET", secret, "VERSION", version)
	}
	const address = "dollarbox_registry.images"
	action := func(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
	}
	ignored := []string{"secret_wo_version"}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{
				Config: text("hunter1", "1"),
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttrPair("data.dollarbox_registry.images", "id", address, "id"),
					resource.TestCheckResourceAttrPair("data.dollarbox_registry.images", "secret_fingerprint", address, "secret_fingerprint"),
					resource.TestCheckTypeSetElemAttrPair("data.dollarbox_registries.all", "registries.*.id", address, "id"),
					resource.TestCheckNoResourceAttr(address, "secret_wo"),
				),
			},
			{Config: text("hunter2", "1"), ConfigPlanChecks: action(plancheck.ResourceActionNoop)},
			{Config: text("hunter2", "2"), ConfigPlanChecks: action(plancheck.ResourceActionReplace)},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: ignored},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: ignored, ImportStateId: host + "/team"},
		},
	})
}

// An imported credential has no version of its secret, and takes the first one without a replacement.
func TestRegistryImportBlock(t *testing.T) {
	t.Parallel()
	needsServer(t)
	host := name("i") + ".example.com"
	body := map[string]string{"host": host, "username": "robot", "secret": "hunter1"}
	made, err := client.Create[client.Registry](context.Background(), api(t), "", "/registries/", body)
	if err != nil {
		t.Fatal(err)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{{
			Config: config(`import {
				to = dollarbox_registry.images
				id = "ORG/HOST"
			}
			resource "dollarbox_registry" "images" {
				host              = "HOST"
				username          = "robot"
				secret_wo         = "hunter1"
				secret_wo_version = 1
			}`, "HOST", host, "ORG", org()),
			Check: resource.TestCheckResourceAttr("dollarbox_registry.images", "id", made.Ref().ID),
		}},
	})
}
