package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// kubectlFront stands before the server and records what issues kubectl credentials.
type kubectlFront struct {
	mutex  sync.Mutex
	issued map[int64]bool
	// bodies are those of the requests, each followed by its Content-Type.
	bodies []string
}

func (f *kubectlFront) record(response *http.Response) error {
	request := response.Request
	if request.Method != http.MethodPost || response.StatusCode != http.StatusCreated {
		return nil
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	response.Body = io.NopCloser(bytes.NewReader(text))
	var credential client.KubectlCredential
	if err := json.Unmarshal(text, &credential); err != nil {
		return err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.issued[credential.ID] = true
	return nil
}

// kubectlServer returns a front of the server, and the configuration of a provider that uses it.
func kubectlServer(t *testing.T) (*kubectlFront, string) {
	t.Helper()
	needsServer(t)
	target, err := url.Parse(os.Getenv(endpointVariable))
	if err != nil {
		t.Fatal(err)
	}
	front := &kubectlFront{issued: map[int64]bool{}}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = front.record
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodPost {
			body, _ := io.ReadAll(request.Body)
			if len(body) > 0 {
				request.Body = io.NopCloser(bytes.NewReader(body))
			}
			front.mutex.Lock()
			front.bodies = append(front.bodies, string(body)+request.Header.Get("Content-Type"))
			front.mutex.Unlock()
		}
		proxy.ServeHTTP(writer, request)
	}))
	t.Cleanup(server.Close)
	return front, fmt.Sprintf("provider \"dollarbox\" {\n  endpoint = %q\n}\n", server.URL)
}

// expectRevoked fails if a credential that was issued is still there.
func (f *kubectlFront) expectRevoked(t *testing.T) func(*terraform.State) error {
	return func(*terraform.State) error {
		f.mutex.Lock()
		defer f.mutex.Unlock()
		live, err := client.List[client.KubectlCredential](context.Background(), api(t), "", "/kubectl-credentials/", nil)
		if err != nil {
			return err
		}
		for _, credential := range live {
			if f.issued[credential.ID] {
				return fmt.Errorf("the credential %d is not revoked", credential.ID)
			}
		}
		if len(f.issued) == 0 {
			return errors.New("no credential was issued")
		}
		return nil
	}
}

// example reads one of the documentation's.
func example(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(module, "examples", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestKubectlCredential(t *testing.T) {
	t.Parallel()
	front, provider := kubectlServer(t)
	const address = "dollarbox_kubectl_credential.mine"
	const data = "data.dollarbox_kubectl_credential.mine"
	ignored := []string{"kubeconfig", "expires_in"}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{
				Config: provider + example(t, "resources/dollarbox_kubectl_credential/resource.tf") +
					example(t, "data-sources/dollarbox_kubectl_credential/data-source.tf") + `
					data "dollarbox_kubectl_credentials" "all" { depends_on = [dollarbox_kubectl_credential.mine] }`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("kubeconfig"), knownvalue.StringRegexp(regexp.MustCompile("^apiVersion: v1\nkind: Config\n"))),
					statecheck.ExpectSensitiveValue(address, tfjsonpath.New("kubeconfig")),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("name"), knownvalue.Null()),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("expires_at"), knownvalue.Null()),
				},
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttrPair(data, "id", address, "id"),
					resource.TestCheckResourceAttrPair(data, "email", address, "email"),
					resource.TestCheckTypeSetElemAttrPair("data.dollarbox_kubectl_credentials.all", "kubectl_credentials.*.sa_name", address, "sa_name"),
					func(*terraform.State) error {
						// As clients in the wild send it: no body and no Content-Type.
						if len(front.bodies) != 1 || front.bodies[0] != "" {
							return fmt.Errorf("sent %q", front.bodies)
						}
						return nil
					},
				),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: ignored},
			{
				ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: ignored,
				ImportStateIdFunc: func(state *terraform.State) (string, error) {
					return org() + "/" + state.RootModule().Resources[address].Primary.Attributes["sa_name"], nil
				},
			},
			{
				Config: provider + `resource "dollarbox_kubectl_credential" "mine" {
					name       = "build"
					expires_in = 600
				}`,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
				}},
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttr(address, "name", "build"),
					resource.TestCheckResourceAttrSet(address, "expires_at"),
				),
			},
			// A name that the configuration leaves out is kept.
			{Config: provider + `resource "dollarbox_kubectl_credential" "mine" { expires_in = 600 }`, PlanOnly: true},
		},
		CheckDestroy: front.expectRevoked(t),
	})
}

func TestKubectlCredentialEphemeral(t *testing.T) {
	t.Parallel()
	front, provider := kubectlServer(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{{
			Config: provider + example(t, "ephemeral-resources/dollarbox_kubectl_credential/ephemeral-resource.tf"),
			Check: func(state *terraform.State) error {
				stored, err := json.Marshal(state)
				if err != nil || strings.Contains(string(stored), "apiVersion") {
					return fmt.Errorf("the kubeconfig is in the state (%v)", err)
				}
				return front.expectRevoked(t)(state)
			},
		}},
	})
	for _, body := range front.bodies {
		if body != `{"expires_in":3600}application/json` {
			t.Errorf("sent %q", body)
		}
	}
}
