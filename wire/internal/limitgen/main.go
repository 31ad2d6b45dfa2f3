// Command limitgen writes the table of parameter limits that package wire
// checks: required members, lengths, ranges, patterns, enums and sensitivity,
// for every operation of the services it is told of.
//
// It reads AWS's service models in the service-2.json format, gzipped or not:
// MODELS/SERVICE/*/service-2.json[.gz] for each service named by -services; the
// table calls a service what its requests are signed for. Files named by -newer add operations and members that the SDK knows already
// and the models do not yet.
//
// A pattern that cannot be translated, or a shape that is missing, is an error:
// a limit is never dropped.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"io"
	"os"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "limitgen:", err)
		os.Exit(1)
	}
}

func run(args []string, log io.Writer) error {
	flags := flag.NewFlagSet("limitgen", flag.ContinueOnError)
	flags.SetOutput(log)
	models := flags.String("models", "", "folder that holds SERVICE/VERSION/service-2.json[.gz]")
	services := flags.String("services", "iam,organizations,sts,accessanalyzer/ValidatePolicy,cloudtrail/LookupEvents", "services, or SERVICE/OPERATION for one operation, separated by commas")
	newer := flags.String("newer", "", "file of operations and members newer than the models")
	out := flags.String("o", "limits_gen.go", "file to write")
	source := flags.String("source", "botocore", "what the header names as the models' source")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *models == "" {
		return errors.New("-models is empty: name the folder of service models")
	}
	additions := map[string]*model{}
	if *newer != "" {
		if err := readJSON(*newer, &additions); err != nil {
			return err
		}
	}
	t := newTable()
	for _, name := range strings.Split(*services, ",") {
		service, only, _ := strings.Cut(name, "/")
		m, err := readModel(*models, service)
		if err != nil {
			return err
		}
		if err := m.merge(additions[service]); err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		if err := m.keep(only); err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		if err := t.add(m); err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
	}
	var b bytes.Buffer
	t.write(&b, *source)
	code, err := format.Source(b.Bytes())
	if err != nil {
		return fmt.Errorf("formatting the table: %w", err)
	}
	return os.WriteFile(*out, code, 0o644)
}
