// Package image reads references to container images as the DollarBox server does.
package image

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
)

// Reference is an image reference taken apart.
type Reference struct {
	// Registry is host[:port]; docker.io if the reference names none.
	Registry string
	// Repository is the path in the registry; library/… for Docker Hub's official images.
	Repository string
	// Tag is nil if the reference has none.
	Tag *string
	// Digest is nil if the reference has none.
	Digest *string
}

// Parse takes a reference apart, such as "nginx:1.27" or "host:5000/a/b@sha256:…".
func Parse(text string) (Reference, error) {
	named, err := reference.ParseNormalizedNamed(text)
	if err != nil {
		return Reference{}, fmt.Errorf("%q is not an image reference: %s", text, strings.TrimPrefix(err.Error(), "invalid reference format: "))
	}
	parsed := Reference{Registry: reference.Domain(named), Repository: reference.Path(named)}
	if tagged, ok := named.(reference.Tagged); ok {
		tag := tagged.Tag()
		parsed.Tag = &tag
	}
	if digested, ok := named.(reference.Digested); ok {
		digest := digested.Digest().String()
		parsed.Digest = &digest
	}
	return parsed, nil
}
