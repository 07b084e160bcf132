// Package acceptance drives the provider by OpenTofu against a running server. `npm test -- e2e/src/terraform` starts
// the server and sets the variables; without them the tests are skipped.
package acceptance

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
	"github.com/dollarbox/terraform-provider-dollarbox/internal/provider"
)

// The variables that tell where the server is.
const (
	endpointVariable = "DOLLARBOX_ENDPOINT"
	tokenVariable    = "DOLLARBOX_TOKEN"
	// orgVariable names an org with room for what the tests create, of which the token's user is an owner.
	orgVariable = "DOLLARBOX_ORG"
	// otherOrgVariable names a second org of the same user.
	otherOrgVariable = "DOLLARBOX_TEST_OTHER_ORG"
	// memberVariable is the address of another member of the first org.
	memberVariable = "DOLLARBOX_TEST_MEMBER"
	// imageVariable is an image that the server's engine can run.
	imageVariable = "DOLLARBOX_TEST_IMAGE"
	// tofuVariable is the program that plugin-testing runs.
	tofuVariable = "TF_ACC_TERRAFORM_PATH"
)

// providers serves the provider from the test's own process.
var providers = map[string]func() (tfprotov6.ProviderServer, error){
	"dollarbox": providerserver.NewProtocol6WithError(provider.New("test")()),
}

func TestMain(m *testing.M) {
	code := m.Run()
	if mirrorFolder != "" {
		_ = os.RemoveAll(mirrorFolder)
	}
	os.Exit(code)
}

var serial atomic.Int64

// name returns a name that nothing else on the server has.
func name(kind string) string {
	return fmt.Sprintf("tfacc-%s-%d-%d", kind, os.Getpid(), serial.Add(1))
}

func needsServer(t *testing.T) {
	t.Helper()
	needsVariables(t, endpointVariable, tokenVariable, orgVariable, otherOrgVariable, memberVariable, imageVariable, tofuVariable)
}

func needsVariables(t *testing.T, variables ...string) {
	t.Helper()
	for _, variable := range variables {
		if os.Getenv(variable) == "" {
			t.Skipf("%s is not set: npm test -- e2e/src/terraform sets it", variable)
		}
	}
}

func org() string   { return os.Getenv(orgVariable) }
func image() string { return os.Getenv(imageVariable) }

// api calls the server directly, to look at what the provider did.
func api(t *testing.T) *client.Client {
	t.Helper()
	api, err := client.New(client.Options{
		Endpoint: os.Getenv(endpointVariable), Token: os.Getenv(tokenVariable), Org: org(), UserAgent: "acceptance",
	})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// containerNamed returns the container with a name, nil if there is none.
func containerNamed(t *testing.T, name string) *client.Container {
	t.Helper()
	found, err := client.List[client.Container](context.Background(), api(t), "", "/containers/", url.Values{"name": {name}})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return nil
	}
	return &found[0]
}

// config fills in a configuration: pairs of a placeholder and what it stands for.
func config(text string, pairs ...string) string {
	return strings.NewReplacer(append([]string{"IMAGE", image()}, pairs...)...).Replace(text)
}
