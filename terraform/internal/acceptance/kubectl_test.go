package acceptance

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// kubectlAPI is the contract's part about kubectl credentials, in memory: only a server on Kubernetes has them.
type kubectlAPI struct {
	mutex  sync.Mutex
	live   map[int]bool
	issued int
	bodies []string
}

func (k *kubectlAPI) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	rest, _ := strings.CutPrefix(request.URL.Path, "/api/v1/kubectl-credentials/")
	id, _ := strconv.Atoi(strings.TrimSuffix(rest, "/"))
	object := func(id int, more string) string {
		return fmt.Sprintf(`{"id": %d, "org": "main", "sa_name": "sa-%d", "created_at": "2026-01-01T00:00:00Z",
			"rotated_at": "2026-01-01T00:00:00Z", "last_downloaded_at": "2026-01-01T00:00:00Z"%s}`, id, id, more)
	}
	switch {
	case rest == "" && request.Method == http.MethodPost:
		body, _ := io.ReadAll(request.Body)
		k.bodies = append(k.bodies, string(body)+request.Header.Get("Content-Type"))
		k.issued++
		k.live[k.issued] = true
		writer.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(writer, object(k.issued, `, "kubeconfig": "apiVersion: v1"`))
	case rest == "":
		objects := []string{}
		for id := range k.live {
			objects = append(objects, object(id, ""))
		}
		_, _ = io.WriteString(writer, `{"next": null, "previous": null, "results": [`+strings.Join(objects, ",")+`]}`)
	case !k.live[id]:
		writer.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(writer, `{"error": {"code": "not_found", "message": "There is no such credential.", "detail": {}}}`)
	case request.Method == http.MethodDelete:
		delete(k.live, id)
		writer.WriteHeader(http.StatusNoContent)
	default:
		_, _ = io.WriteString(writer, object(id, ""))
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

func kubectlServer(t *testing.T) (*kubectlAPI, string) {
	t.Helper()
	needsVariables(t, tofuVariable)
	api := &kubectlAPI{live: map[int]bool{}}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	return api, fmt.Sprintf("provider \"dollarbox\" {\n  endpoint = %q\n  token = \"dbx_x\"\n}\n", server.URL)
}

func (k *kubectlAPI) expectNoneLive(*terraform.State) error {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if len(k.live) > 0 || k.issued == 0 {
		return fmt.Errorf("%d credentials were issued, and these are not revoked: %v", k.issued, k.live)
	}
	return nil
}

func TestKubectlCredential(t *testing.T) {
	t.Parallel()
	api, provider := kubectlServer(t)
	const address = "dollarbox_kubectl_credential.mine"
	ignored := []string{"kubeconfig", "expires_in"}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{
				Config: provider + example(t, "resources/dollarbox_kubectl_credential/resource.tf") + `
					data "dollarbox_kubectl_credentials" "all" { depends_on = [dollarbox_kubectl_credential.mine] }`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("kubeconfig"), knownvalue.StringExact("apiVersion: v1")),
					statecheck.ExpectSensitiveValue(address, tfjsonpath.New("kubeconfig")),
				},
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttr("data.dollarbox_kubectl_credentials.all", "kubectl_credentials.0.sa_name", "sa-1"),
					func(*terraform.State) error {
						// As clients in the wild send it: no body and no Content-Type.
						if len(api.bodies) != 1 || api.bodies[0] != "" {
							return fmt.Errorf("sent %q", api.bodies)
						}
						return nil
					},
				),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: ignored},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: ignored, ImportStateId: "main/sa-1"},
			{
				Config: provider + `resource "dollarbox_kubectl_credential" "mine" { expires_in = 600 }`,
				Check:  resource.TestCheckResourceAttr(address, "sa_name", "sa-2"),
			},
		},
		CheckDestroy: api.expectNoneLive,
	})
}

func TestKubectlCredentialEphemeral(t *testing.T) {
	t.Parallel()
	api, provider := kubectlServer(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{{
			Config: provider + example(t, "ephemeral-resources/dollarbox_kubectl_credential/ephemeral-resource.tf"),
			Check: func(state *terraform.State) error {
				stored, err := json.Marshal(state)
				if err != nil || strings.Contains(string(stored), "apiVersion") {
					return fmt.Errorf("the kubeconfig is in the state (%v)", err)
				}
				return api.expectNoneLive(state)
			},
		}},
	})
	for _, body := range api.bodies {
		if body != `{"expires_in":3600}application/json` {
			t.Errorf("sent %q", body)
		}
	}
}
