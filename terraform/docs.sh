#!/usr/bin/env bash
# Generates docs/ from the provider's schema and examples/, by tfplugindocs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go run ./cmd/schema > "$work/schema.json"
(cd tools/docs && go build -o "$work/tfplugindocs" github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs)
"$work/tfplugindocs" generate --provider-dir "$PWD" --provider-name dollarbox --rendered-provider-name DollarBox \
  --providers-schema "$work/schema.json"
go run ./cmd/schema -digest > docs/.digest
