// Release builds the provider for all platforms, as a mirror that Terraform and OpenTofu install from:
//
//	go run ./cmd/release -version 0.2.0 -out dist
//
// The same sources give the same bytes.
package main

import (
	"archive/zip"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/provider"
)

var platforms = []string{
	"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64", "windows_arm64",
}

var isVersion = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`).MatchString

func main() {
	log.SetFlags(0)
	version := flag.String("version", "", "version, such as 0.2.0")
	out := flag.String("out", "dist", "folder of the mirror")
	only := flag.String("platforms", strings.Join(platforms, ","), "platforms, separated by commas")
	flag.Parse()
	if !isVersion(*version) {
		log.Fatal("give -version, such as -version 0.2.0")
	}
	if err := release(*version, *out, strings.Split(*only, ",")); err != nil {
		log.Fatal(err)
	}
}

// release builds an archive for each platform, and a file with their checksums.
func release(version, out string, wanted []string) error {
	folder := filepath.Join(out, filepath.FromSlash(provider.Address))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	sums := ""
	for _, platform := range wanted {
		if !slices.Contains(platforms, platform) {
			return fmt.Errorf("%q is not among the platforms %s", platform, strings.Join(platforms, ", "))
		}
		name := fmt.Sprintf("terraform-provider-dollarbox_%s_%s.zip", version, platform)
		sum, err := archive(version, platform, filepath.Join(folder, name))
		if err != nil {
			return err
		}
		sums += fmt.Sprintf("%x  %s\n", sum, name)
		log.Printf("built %s", filepath.Join(folder, name))
	}
	return os.WriteFile(filepath.Join(out, fmt.Sprintf("terraform-provider-dollarbox_%s_SHA256SUMS", version)), []byte(sums), 0o644)
}

// archive builds the provider for a platform and puts it into a zip archive, whose checksum it returns.
func archive(version, platform, path string) ([]byte, error) {
	work, err := os.MkdirTemp("", "dollarbox-release-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(work) }()
	system, processor, _ := strings.Cut(platform, "_")
	binary := "terraform-provider-dollarbox_v" + version
	if system == "windows" {
		binary += ".exe"
	}
	built := filepath.Join(work, binary)
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+version, "-o", built, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+processor)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("the build for %s failed: %w", platform, err)
	}
	if err := zipFile(built, binary, path); err != nil {
		return nil, err
	}
	return checksum(path)
}

// zipFile writes an archive of one program, without times.
func zipFile(source, name, path string) error {
	input, err := os.Open(source)
	if err != nil {
		return err
	}
	defer func() { _ = input.Close() }()
	output, err := os.Create(path)
	if err != nil {
		return err
	}
	writer := zip.NewWriter(output)
	header := &zip.FileHeader{Name: name, Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := writer.CreateHeader(header)
	if err == nil {
		_, err = io.Copy(entry, input)
	}
	for _, end := range []func() error{writer.Close, output.Close} {
		if ended := end(); err == nil {
			err = ended
		}
	}
	return err
}

func checksum(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return nil, err
	}
	return hash.Sum(nil), nil
}
