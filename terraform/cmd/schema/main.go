// Schema prints the provider's schema, for tfplugindocs. With -digest it prints what docs/ was generated from.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"

	"github.com/dollarbox/terraform-provider-dollarbox/internal/schemajson"
)

func main() {
	log.SetFlags(0)
	digest := flag.Bool("digest", false, "print the digest of the schema and the examples instead")
	flag.Parse()
	if *digest {
		sum, err := schemajson.Digest(context.Background(), ".")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sum)
		return
	}
	document, err := schemajson.Make(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	if _, err := os.Stdout.Write(append(document, '\n')); err != nil {
		log.Fatal(err)
	}
}
