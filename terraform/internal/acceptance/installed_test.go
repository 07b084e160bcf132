package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

const module = "../.."

// workspace is a folder with a configuration, in a home where the released provider is installed.
type workspace struct {
	t      *testing.T
	folder string
	home   string
}

// mirrorFolder is removed at the end of the tests.
var mirrorFolder string

// mirror builds a release for this machine once, and returns the folder that it is in.
var mirror = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "dollarbox-mirror-")
	if err != nil {
		return "", err
	}
	mirrorFolder = folder
	platform := runtime.GOOS + "_" + runtime.GOARCH
	build := exec.Command("go", "run", "./cmd/release", "-version", "0.2.0", "-platforms", platform, "-out", folder)
	build.Dir = module
	if output, err := build.CombinedOutput(); err != nil {
		return folder, fmt.Errorf("the release can't be built: %w\n%s", err, output)
	}
	return folder, nil
})

// installed lays the release where Terraform and OpenTofu look by themselves.
func installed(t *testing.T) *workspace {
	t.Helper()
	built, err := mirror()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	if err := os.CopyFS(filepath.Join(home, ".terraform.d", "plugins"), os.DirFS(built)); err != nil {
		t.Fatal(err)
	}
	return &workspace{t: t, folder: t.TempDir(), home: home}
}

// run runs OpenTofu, which must end with one of the codes, 0 if none is given.
func (w *workspace) run(codes []int, arguments ...string) string {
	w.t.Helper()
	command := exec.Command(os.Getenv(tofuVariable), arguments...)
	command.Dir = w.folder
	// Without the variables of plugin-testing: this is how a user runs it.
	command.Env = []string{"HOME=" + w.home, "PATH=" + os.Getenv("PATH"), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1"}
	for _, variable := range []string{endpointVariable, tokenVariable, orgVariable, "TMPDIR"} {
		command.Env = append(command.Env, variable+"="+os.Getenv(variable))
	}
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	code := command.ProcessState.ExitCode()
	for _, allowed := range append(codes, 0) {
		if code == allowed {
			return output.String()
		}
	}
	w.t.Fatalf("tofu %s ended with %d (%v):\n%s", strings.Join(arguments, " "), code, err, output.String())
	return ""
}

func (w *workspace) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// copy lays an example into the folder. Those of the documentation name an image that only a real registry has.
func (w *workspace) copy(path string) {
	w.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	relative, err := filepath.Rel(filepath.Join(module, "examples"), path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(strings.ReplaceAll(filepath.ToSlash(relative), "/", "-"), strings.ReplaceAll(string(text), `"nginx:1.27"`, fmt.Sprintf("%q", image())))
}

// expectNoChanges plans, which must find nothing to do.
func (w *workspace) expectNoChanges() {
	w.t.Helper()
	w.run(nil, "plan", "-detailed-exitcode", "-input=false", "-no-color")
}

func (w *workspace) destroy() {
	w.t.Helper()
	w.run(nil, "destroy", "-auto-approve", "-input=false", "-no-color")
}

// All examples of the documentation together, with the released provider. OpenTofu has neither actions nor list
// resources yet: their examples are left out, and that the provider has them must not harm.
func TestExamples(t *testing.T) {
	needsServer(t)
	w := installed(t)
	for _, pattern := range []string{"resources/*/resource.tf", "data-sources/*/data-source.tf", "functions/*/function.tf"} {
		paths, err := filepath.Glob(filepath.Join(module, "examples", pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no examples in %s (%v)", pattern, err)
		}
		for _, path := range paths {
			w.copy(path)
		}
	}
	w.write("provider.tf", `terraform {
		required_providers {
			dollarbox = { source = "dollarbox.dev/dollarbox/dollarbox" }
		}
	}`)
	w.run(nil, "init", "-input=false", "-no-color")
	defer w.destroy()
	w.run(nil, "apply", "-auto-approve", "-input=false", "-no-color")
	// Lists that were read before the first apply have more now, and outputs show them.
	w.run(nil, "apply", "-auto-approve", "-input=false", "-no-color")
	w.expectNoChanges()
}

// The site of the README.
func TestDockerSite(t *testing.T) {
	needsServer(t)
	w := installed(t)
	w.copy(filepath.Join(module, "examples", "site", "main.tf"))
	w.run(nil, "init", "-input=false", "-no-color")
	defer func() {
		w.destroy()
		if c := containerNamed(t, "site-web"); c != nil {
			t.Errorf("still there: %+v", c)
		}
	}()
	output := w.run(nil, "apply", "-auto-approve", "-input=false", "-no-color")
	if !strings.Contains(output, `address = "http://[`) {
		t.Errorf("no address:\n%s", output)
	}
	w.expectNoChanges()
}

// firstState is a state that the first provider wrote: it has fewer attributes than ours.
func firstState(t *testing.T, resources map[string]map[string]any) string {
	t.Helper()
	list := []map[string]any{}
	for kind, attributes := range resources {
		list = append(list, map[string]any{
			"mode": "managed", "type": kind, "name": "it",
			"provider":  `provider["registry.terraform.io/dollarbox/dollarbox"]`,
			"instances": []map[string]any{{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []any{}}},
		})
	}
	text, err := json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "11111111-2222-3333-4444-555555555555",
		"outputs": map[string]any{}, "resources": list, "check_results": nil,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A configuration and a state of the first provider: only the source changes, and nothing is to be done.
func TestDropIn(t *testing.T) {
	needsServer(t)
	ctx, server := context.Background(), api(t)
	web := map[string]any{"name": name("old"), "image": image(), "env": map[string]string{"A": "1"}, "command": []string{}}
	container, err := client.Create[client.Container](ctx, server, "", "/containers/", web)
	if err != nil {
		t.Fatal(err)
	}
	volume, err := client.Create[client.Volume](ctx, server, "", "/volumes/", map[string]any{"name": name("old"), "size_gb": 1})
	if err != nil {
		t.Fatal(err)
	}
	invitation, err := client.Create[client.Invitation](ctx, server, "", "/invitations/", map[string]any{"email": name("old") + "@example.invalid"})
	if err != nil {
		t.Fatal(err)
	}
	w := installed(t)
	w.write("terraform.tfstate", firstState(t, map[string]map[string]any{
		"dollarbox_container": {
			"id": container.Ref().ID, "name": container.Name, "image": container.Image, "env": container.Env, "command": nil,
			"status": "pending", "ipv6_address": container.IPv6Address, "created_at": container.CreatedAt, "updated_at": container.UpdatedAt,
		},
		"dollarbox_volume": {
			"id": volume.Ref().ID, "name": volume.Name, "size_gb": volume.SizeGB, "status": "pending",
			"storage_class": volume.StorageClass, "created_at": volume.CreatedAt, "updated_at": volume.UpdatedAt,
		},
		"dollarbox_invitation": {
			"id": invitation.Ref().ID, "email": invitation.Email, "role": "member", "accepted": false,
			"expires_at": invitation.ExpiresAt, "created_at": invitation.CreatedAt,
		},
		"dollarbox_org": {
			"slug": org(), "name": "Main", "billing_email": "", "status": "active", "billing_mode": "x",
			"kubectl_enabled": false, "api_enabled": true, "created_at": "2026-01-01T00:00:00Z",
		},
	}))
	w.write("main.tf", config(`
		terraform {
			required_providers {
				dollarbox = { source = "dollarbox.dev/dollarbox/dollarbox" }
			}
		}
		resource "dollarbox_container" "it" {
			name  = "CONTAINER"
			image = "IMAGE"
			env   = { A = "1" }
		}
		resource "dollarbox_volume" "it" {
			name    = "VOLUME"
			size_gb = 1
		}
		resource "dollarbox_invitation" "it" { email = "EMAIL" }
		resource "dollarbox_org" "it" {
			slug          = "ORG"
			name          = "Main"
			billing_email = ""
		}`, "CONTAINER", container.Name, "VOLUME", volume.Name, "EMAIL", invitation.Email, "ORG", org()))
	w.run(nil, "state", "replace-provider", "-auto-approve", "registry.terraform.io/dollarbox/dollarbox", "dollarbox.dev/dollarbox/dollarbox")
	w.run(nil, "init", "-input=false", "-no-color")
	defer w.destroy()
	w.expectNoChanges()
}
