package main

import (
	"log/slog"
	"os"
	"reflect"
	"regexp"
	"testing"

	"iamd/server"
	"iamd/workload"
)

// TestWorkloads: what the file says, and the environment over it, comes to the server.
func TestWorkloads(t *testing.T) {
	c, err := load(write(t, `
workloads:
  container:
    listen: 127.0.0.1:1
    region: eu-west-1
    tasks: [{name: a, role: r, token_file: f, session_name: s}, {name: b, role: q}]
  instance: {listen: "127.0.0.1:2", instance_profile: p, instance_id: i-1, region: eu-west-2, availability_zone: eu-west-2b, hop_limit: 2}
`), []string{"IAMD_WORKLOADS_INSTANCE_HOP_LIMIT=3"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.server(func(string) string { return "" }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	want := server.Workloads{
		Container: workload.Container{Listen: "127.0.0.1:1", Region: "eu-west-1", Tasks: []workload.Task{
			{Name: "a", Role: "r", TokenFile: "f", SessionName: "s"}, {Name: "b", Role: "q"},
		}},
		Instance: workload.Instance{Listen: "127.0.0.1:2", Profile: "p", ID: "i-1", Region: "eu-west-2", Zone: "eu-west-2b", HopLimit: 3},
	}
	if !reflect.DeepEqual(got.Workloads, want) {
		t.Errorf("%+v", got.Workloads)
	}
}

// TestTaskPage: docs/workloads.md names every key of a task, and nothing else.
func TestTaskPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/workloads.md")
	if err != nil {
		t.Fatal(err)
	}
	var keys, told []string
	for i := range reflect.TypeFor[taskConfig]().NumField() {
		keys = append(keys, reflect.TypeFor[taskConfig]().Field(i).Tag.Get("yaml"))
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		told = append(told, row[1])
	}
	if !reflect.DeepEqual(told, keys) {
		t.Errorf("the page has %v, a task %v", told, keys)
	}
}
