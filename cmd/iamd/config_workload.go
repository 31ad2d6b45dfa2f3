package main

import (
	"iamd/server"
	"iamd/workload"
)

// workloadsConfig says which programs get a role's keys without keys of their own.
type workloadsConfig struct {
	Container containerConfig `yaml:"container"`
	Instance  instanceConfig  `yaml:"instance"`
}

type containerConfig struct {
	Listen string       `yaml:"listen"`
	Region string       `yaml:"region"`
	Tasks  []taskConfig `yaml:"tasks"`
}

type taskConfig struct {
	Name        string `yaml:"name"`
	Role        string `yaml:"role"`
	TokenFile   string `yaml:"token_file"`
	SessionName string `yaml:"session_name"`
}

type instanceConfig struct {
	Listen           string `yaml:"listen"`
	InstanceProfile  string `yaml:"instance_profile"`
	InstanceID       string `yaml:"instance_id"`
	Region           string `yaml:"region"`
	AvailabilityZone string `yaml:"availability_zone"`
	HopLimit         int    `yaml:"hop_limit"`
}

func (w *workloadsConfig) settings() []setting {
	return []setting{
		{"workloads.container.listen", &w.Container.Listen},
		{"workloads.container.region", &w.Container.Region},
		{"workloads.container.tasks", &w.Container.Tasks},
		{"workloads.instance.listen", &w.Instance.Listen},
		{"workloads.instance.instance_profile", &w.Instance.InstanceProfile},
		{"workloads.instance.instance_id", &w.Instance.InstanceID},
		{"workloads.instance.region", &w.Instance.Region},
		{"workloads.instance.availability_zone", &w.Instance.AvailabilityZone},
		{"workloads.instance.hop_limit", &w.Instance.HopLimit},
	}
}

// server is the configuration as the server takes it.
func (w *workloadsConfig) server() server.Workloads {
	c, i := w.Container, w.Instance
	out := server.Workloads{
		Container: workload.Container{Listen: c.Listen, Region: c.Region},
		Instance: workload.Instance{
			Listen: i.Listen, Profile: i.InstanceProfile, ID: i.InstanceID, Region: i.Region, Zone: i.AvailabilityZone, HopLimit: i.HopLimit,
		},
	}
	for _, t := range c.Tasks {
		out.Container.Tasks = append(out.Container.Tasks, workload.Task(t))
	}
	return out
}
