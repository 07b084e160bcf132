package acceptance

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// replyEater stands before the server, lets each write through, and loses its first reply.
type replyEater struct {
	proxy *httputil.ReverseProxy
	mutex sync.Mutex
	seen  map[string]bool
	eaten map[string]int
}

func (e *replyEater) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	key := request.Method + " " + request.URL.Path + " " + request.Header.Get("Idempotency-Key")
	e.mutex.Lock()
	isFirst := request.Method != http.MethodGet && !e.seen[key]
	e.seen[key] = true
	if isFirst {
		e.eaten[request.Method]++
	}
	e.mutex.Unlock()
	if !isFirst {
		e.proxy.ServeHTTP(writer, request)
		return
	}
	e.proxy.ServeHTTP(httptest.NewRecorder(), request)
	// Ends the connection without a reply.
	panic(http.ErrAbortHandler)
}

// A write whose reply is lost is repeated, and there is no second object.
func TestLostReplies(t *testing.T) {
	t.Parallel()
	needsServer(t)
	target, err := url.Parse(os.Getenv(endpointVariable))
	if err != nil {
		t.Fatal(err)
	}
	eater := &replyEater{proxy: httputil.NewSingleHostReverseProxy(target), seen: map[string]bool{}, eaten: map[string]int{}}
	front := httptest.NewServer(eater)
	defer front.Close()
	label := name("lost")
	text := func(env string) string {
		return config(`provider "dollarbox" { endpoint = "FRONT" }
			resource "dollarbox_container" "it" {
				name  = "NAME"
				image = "IMAGE"
				env   = ENV
			}
			resource "dollarbox_volume" "it" {
				name    = "NAME"
				size_gb = 1
			}
			resource "dollarbox_invitation" "it" { email = "NAME@example.invalid" }`, "FRONT", front.URL, "NAME", label, "ENV", env)
	}
	one := func(*terraform.State) error {
		ctx := context.Background()
		named := url.Values{"name": {label}}
		found, err := client.List[client.Container](ctx, api(t), "", "/containers/", named)
		if err != nil || len(found) != 1 {
			return fmt.Errorf("%d containers (%v)", len(found), err)
		}
		volumes, err := client.List[client.Volume](ctx, api(t), "", "/volumes/", named)
		if err != nil || len(volumes) != 1 {
			return fmt.Errorf("%d volumes (%v)", len(volumes), err)
		}
		invitations, err := client.List[client.Invitation](ctx, api(t), "", "/invitations/", nil)
		count := 0
		for _, invitation := range invitations {
			if invitation.Email == label+"@example.invalid" {
				count++
			}
		}
		if err != nil || count != 1 {
			return fmt.Errorf("%d invitations (%v)", count, err)
		}
		return nil
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps:                    []resource.TestStep{{Config: text(`{}`), Check: one}, {Config: text(`{ A = "1" }`), Check: one}},
	})
	// Three of each kind, and a change of the container.
	if eater.eaten["POST"] != 3 || eater.eaten["PATCH"] != 1 || eater.eaten["DELETE"] != 3 {
		t.Errorf("lost replies: %v", eater.eaten)
	}
}

// A failure ends the wait, with the server's evidence. The container is kept in the state, and replaced when it was
// never good; after a failed change the former version goes on.
func TestDockerFailures(t *testing.T) {
	t.Parallel()
	needsServer(t)
	label := name("bad")
	missing := regexp.MustCompile(`[^/]+$`).ReplaceAllString(image(), "missing:1")
	text := func(image, command string) string {
		return config(`resource "dollarbox_container" "it" {
			name    = "NAME"
			image   = "REFERENCE"
			command = COMMAND
		}`, "NAME", label, "REFERENCE", image, "COMMAND", command)
	}
	action := func(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("dollarbox_container.it", action)}}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{
			{Config: text(missing, `[]`), ExpectError: regexp.MustCompile(`(?s)"` + label + `" failed: image_not_found.*missing`)},
			{
				// A program that starts and then exits may be seen running first, which ends the wait without an error.
				Config: text(image(), `["/missing/program"]`), ConfigPlanChecks: action(plancheck.ResourceActionReplace),
				ExpectError: regexp.MustCompile(`(?s)" failed: start_error.*/missing/program`),
			},
			{Config: text(image(), `[]`), ConfigPlanChecks: action(plancheck.ResourceActionReplace)},
			{
				Config: text(missing, `[]`), ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
				ExpectError: regexp.MustCompile(`" failed: image_not_found`),
			},
			{
				PreConfig: func() {
					if c := containerNamed(t, label); c == nil || c.Status != "running" {
						t.Errorf("the former version does not run: %+v", c)
					}
				},
				Config: text(image(), `[]`), ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
			},
		},
	})
}
