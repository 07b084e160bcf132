package provider

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/client"
)

// kind says how objects of one kind are found in the API.
type kind[T client.Object] struct {
	// noun is the singular, which is also the type's name after "dollarbox_".
	noun string
	// collection is the name of the list in the API.
	collection string
	// key is the attribute that people know an object by.
	key string
	// filter is the list's parameter that selects by key; empty if it has none.
	filter string
	// ignoresCase is set where the API compares keys without regard to case.
	ignoresCase bool
}

var (
	containers  = kind[client.Container]{noun: "container", collection: "containers", key: "name", filter: "name"}
	volumes     = kind[client.Volume]{noun: "volume", collection: "volumes", key: "name", filter: "name"}
	members     = kind[client.Member]{noun: "member", collection: "members", key: "email", ignoresCase: true}
	invitations = kind[client.Invitation]{noun: "invitation", collection: "invitations", key: "email", ignoresCase: true}
	registries  = kind[client.Registry]{noun: "registry", collection: "registries", key: "host"}
)

// listName is the collection's name as Terraform's names are written.
func (k kind[T]) listName() string { return strings.ReplaceAll(k.collection, "-", "_") }

// words is the noun as sentences have it.
func (k kind[T]) words() string { return strings.ReplaceAll(k.noun, "_", " ") }

// plural is how sentences name the objects.
func (k kind[T]) plural() string { return strings.ReplaceAll(k.collection, "-", " ") }

func (k kind[T]) list() string { return "/" + k.collection + "/" }

func (k kind[T]) path(id string) string { return k.list() + url.PathEscape(id) + "/" }

// isID tells ids from keys: no key consists of digits only.
var isID = regexp.MustCompile(`^[0-9]{1,18}$`).MatchString

// find returns the object with an id or, if the text is none, the newest with that key.
func (k kind[T]) find(ctx context.Context, api *client.Client, org, text string) (T, error) {
	if isID(text) {
		return client.Read[T](ctx, api, org, k.path(text))
	}
	var none T
	filters := url.Values{}
	if k.filter != "" {
		filters.Set(k.filter, text)
	}
	objects, err := client.List[T](ctx, api, org, k.list(), filters)
	if err != nil {
		return none, err
	}
	found := []T{}
	orgs := map[string]bool{}
	for _, object := range objects {
		ref := object.Ref()
		if ref.Key == text || (k.ignoresCase && strings.EqualFold(ref.Key, text)) {
			found = append(found, object)
			orgs[ref.Org] = true
		}
	}
	switch {
	case len(found) == 0 && org != "":
		return none, fmt.Errorf("there is no %s %q in the org %s", k.words(), text, org)
	case len(found) == 0:
		return none, fmt.Errorf("there is no %s %q", k.words(), text)
	case len(orgs) > 1:
		return none, fmt.Errorf("several orgs have a %s %q: name the org", k.words(), text)
	}
	return found[0], nil
}

var orgAndRest = regexp.MustCompile(`^([a-z](?:[-a-z0-9]{0,38}[a-z0-9])?)/(.+)$`)

// splitImportID splits "org/name" and "org/id"; without an org the provider's applies.
func splitImportID(text string) (org, rest string) {
	if match := orgAndRest.FindStringSubmatch(text); match != nil {
		return match[1], match[2]
	}
	return "", text
}
