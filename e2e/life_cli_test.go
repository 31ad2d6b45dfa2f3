package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestLifeCLI leads every life by the real AWS CLI, each member of an input being
// an option of its command.
func TestLifeCLI(t *testing.T) {
	t.Parallel()
	leadLives(t, func(t *testing.T, url string) client { return commands{newShell(t, url, &secrets{})} })
}

// commands is the AWS CLI.
type commands struct{ shell shell }

// spares spares second looks, and refusals, which other tests read: a command
// takes half a second.
func (commands) spares(s step) bool { return s.SDK || s.Refused != "" }

func (c commands) do(s step, cred aws.Credentials) (any, string, error) {
	service, operation := s.named()
	args := []string{service, kebab(operation)}
	if s.Wait != "" {
		args = []string{service, "wait", kebab(operation)}
	}
	options, err := commandOptions(s.With)
	if err != nil {
		return nil, "", err
	}
	sh := c.shell.as(cred)
	switch {
	case s.Pages != "":
		return pagesByCommand(sh, append(args, options...), s)
	case operation == "CreateVirtualMFADevice":
		return deviceByCommand(sh, append(args, options...))
	}
	return command(sh, append(args, options...))
}

// pagesByCommand has the CLI put a list together. Where it is to stop amid it,
// the rest comes by the token that it gives.
func pagesByCommand(sh shell, args []string, s step) (any, string, error) {
	args = append(args, "--page-size", fmt.Sprint(s.Size))
	if s.Stop == 0 {
		return command(sh, args)
	}
	all, warnings, err := command(sh, append(slices.Clone(args), "--max-items", fmt.Sprint(s.Stop)))
	if err != nil {
		return all, warnings, err
	}
	token, ok := follow(all, "NextToken").(string)
	if !ok {
		return all, warnings, errors.New("a list that was not at its end has no NextToken")
	}
	rest, more, err := command(sh, append(args, "--starting-token", token))
	return together(all.(map[string]any), rest), warnings + more, err
}

// deviceByCommand makes a device, of which the CLI writes the seed to a file and
// not into its answer.
func deviceByCommand(sh shell, args []string) (any, string, error) {
	file := filepath.Join(sh.home, "seed")
	got, warnings, err := command(sh, append(args, "--outfile", file, "--bootstrap-method", "Base32StringSeed"))
	if err != nil {
		return got, warnings, err
	}
	seed, err := os.ReadFile(file)
	device, ok := follow(got, "VirtualMFADevice").(map[string]any)
	if err != nil || !ok {
		return nil, warnings, fmt.Errorf("%v, %w", got, err)
	}
	device["Base32StringSeed"] = base64.StdEncoding.EncodeToString(seed)
	return got, warnings, nil
}

// refusedCommand is what the CLI says of a refusal.
var refusedCommand = regexp.MustCompile(`^(?:aws: \[ERROR\]: )?An error occurred \((\w+)\) when calling the \w+ operation[^:]*: (.*)`)

// command runs one. What it prints beside its answer is a warning, unless it says
// why it was refused.
func command(sh shell, args []string) (answer any, warnings string, err error) {
	out, errs, err := sh.exec(args)
	said := strings.TrimSpace(string(errs))
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		if m := refusedCommand.FindStringSubmatch(said); m != nil {
			return nil, "", &refusal{m[1], m[2]}
		}
		if strings.Contains(said, "Invalid choice") || strings.Contains(said, "Unknown options") {
			return nil, "", fmt.Errorf("aws %s: %w", strings.Join(args[:2], " "), errUnknown)
		}
		return nil, "", fmt.Errorf("aws %s: %w\n%s", strings.Join(args, " "), err, said)
	}
	if err != nil {
		return nil, "", err
	}
	answer, err = readJSON(out)
	return answer, said, err
}

// commandOptions gives a command's options: texts and numbers as they are,
// switches on or off, all else as JSON.
func commandOptions(with map[string]any) (args []string, err error) {
	for name, value := range with {
		option := "--" + kebab(name)
		switch value := value.(type) {
		case bool:
			if !value {
				option = "--no-" + kebab(name)
			}
			args = append(args, option)
		case string:
			args = append(args, option, value)
		default:
			text, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			args = append(args, option, string(text))
		}
	}
	return args, nil
}

var (
	beforeWord = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	afterWord  = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// kebab names an operation or a member as the CLI does.
func kebab(name string) string {
	return strings.ToLower(afterWord.ReplaceAllString(beforeWord.ReplaceAllString(name, "$1-$2"), "$1-$2"))
}
