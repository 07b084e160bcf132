package schemajson

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Digest is of all that docs/ is generated from: the schema, the examples and the generator's version. root is the
// module's folder.
func Digest(ctx context.Context, root string) (string, error) {
	hash := sha256.New()
	document, err := Make(ctx)
	if err != nil {
		return "", err
	}
	hash.Write(document)
	files := os.DirFS(root)
	paths := []string{"tools/docs/go.mod"}
	for _, folder := range []string{"examples", "templates"} {
		err := fs.WalkDir(files, folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				paths = append(paths, path)
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			return "", err
		}
	}
	for _, path := range paths {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%s %d\n%s", path, len(text), text)
	}
	return fmt.Sprintf("%x", hash.Sum(nil)), nil
}
