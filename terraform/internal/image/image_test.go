package image

import (
	"strings"
	"testing"
)

var sha256 = "sha256:" + strings.Repeat("a1", 32)

// As the server's own test of its parser has them.
func TestParse(t *testing.T) {
	cases := map[string]string{
		"nginx":                         "docker.io library/nginx  ",
		"nginx:1.27":                    "docker.io library/nginx 1.27 ",
		"docker.io/nginx":               "docker.io library/nginx  ",
		"index.docker.io/a/b:2":         "docker.io a/b 2 ",
		"a/b/c":                         "docker.io a/b/c  ",
		"host:5000":                     "docker.io library/host 5000 ",
		"host:5000/a/b:T_1.x-y":         "host:5000 a/b T_1.x-y ",
		"localhost/a":                   "localhost a  ",
		"Host/a":                        "Host a  ",
		"ghcr.io/a/b-c__d.e/f":          "ghcr.io a/b-c__d.e/f  ",
		"[::1]:5000/a":                  "[::1]:5000 a  ",
		"a@" + sha256:                   "docker.io library/a  " + sha256,
		"x.y/a:1@" + sha256:             "x.y a 1 " + sha256,
		"a:" + strings.Repeat("t", 128): "docker.io library/a " + strings.Repeat("t", 128) + " ",
	}
	for text, want := range cases {
		parsed, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := strings.Join([]string{parsed.Registry, parsed.Repository, value(parsed.Tag), value(parsed.Digest)}, " ")
		if got != want {
			t.Errorf("%s: got %q instead of %q", text, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	texts := []string{
		"", " ", "/", ":", "@", "a b", " a", "a ", "a\n", "$(a)", "ä", "A", "a/B", "a//b", "/a", "a/", "-a", "a-", "a..b", "a___b",
		".a", "a:", "a:.t", "a:-t", "a:b:c", "x.y:port/a", ".x/a", "x.-y/a", "[::1/a", "a@sha256:abc", strings.Repeat("a1", 32),
	}
	for _, text := range texts {
		if parsed, err := Parse(text); err == nil {
			t.Errorf("%q is read as %+v", text, parsed)
		} else if strings.Contains(err.Error(), "invalid reference format: ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
