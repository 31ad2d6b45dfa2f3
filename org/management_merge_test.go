package org

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// merged makes the effective policy of documents, by level.
func merged(t *testing.T, kind PolicyType, levels [][]string) *setting {
	t.Helper()
	var all [][]written
	for i, level := range levels {
		var list []written
		for j, text := range level {
			n, err := parseManagement(kind, text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			list = append(list, written{fmt.Sprintf("p-%d%d", i, j), n})
		}
		all = append(all, list)
	}
	return mergeManagement(kind, all)
}

// TestPublishedExamples: the examples of AWS's pages come out as published. Where a
// page contradicts itself, the file says how.
func TestPublishedExamples(t *testing.T) {
	files, err := filepath.Glob("testdata/effective/*.json")
	if err != nil || len(files) < 17 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var example struct {
				Type      PolicyType
				Levels    [][]json.RawMessage
				Effective any
			}
			if err := json.Unmarshal(text, &example); err != nil {
				t.Fatal(err)
			}
			var levels [][]string
			for _, level := range example.Levels {
				var list []string
				for _, document := range level {
					list = append(list, string(document))
				}
				levels = append(levels, list)
			}
			content := merged(t, example.Type, levels).format(nil)
			var got any
			if err := json.Unmarshal(content, &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, example.Effective) {
				want, _ := json.Marshal(example.Effective)
				t.Errorf("got  %s\nwant %s", content, want)
			}
		})
	}
}

// TestOperators: what the values of a tag come to, as it was seen of AWS. Levels
// are separated by |, policies of one level by ; and operators by blanks: =, + and
// - with values, ! with what children may do.
func TestOperators(t *testing.T) {
	for _, c := range []struct{ levels, want string }{
		{"", "*"}, // a key of which nothing is said
		{"=red,blue", "red,blue"},
		{"+red", "red"},
		{"-red", "*"}, // nothing to take away
		{"=red +blue -red", "blue"},
		// one level: the first assigns, then all append, then all remove
		{"=red;=blue", "red"},
		{"=red,blue;=blue,green", "red,blue"},
		{"=red;+blue", "red,blue"},
		{"+red;=blue", "blue,red"},
		{"+red;+blue", "red,blue"},
		{"=red,blue;-red", "blue"},
		{"+red;-red", ""},
		{"-red;+red", ""},
		{"+red,red;+red", "red"},
		// two levels
		{"=red,blue|=green", "green"},
		{"=red,blue|+blue,green", "red,blue,green"},
		{"=red,blue|-red,missing", "blue"},
		{"=red|-red", ""},
		{"|-red", "*"},
		{"=red|-red|+blue", "blue"},
		{"=red,blue|=green +yellow -green", "yellow"},
		{"-red|+red", "red"},
		// what children may do
		{"=red !none|=green", "red"},
		{"=red !none|+green", "red"},
		{"=red !none|-red", "red"},
		{"=red !append|+green", "red,green"},
		{"=red !append|=green", "red"},
		{"=red !append|-red", "red"},
		{"=red !remove|-red", ""},
		{"=red !remove|+green", "red"},
		{"=red !assign|=green", "green"},
		{"=red !assign|=green +blue", "green"},
		{"=red !assign,append|=green +blue", "green,blue"},
		{"=red !all|=green", "green"},
		{"!append|=green", "*"},
		// they bind the levels below, not neighbours
		{"=red !append;-red", ""},
		{"!none;=red", "red"},
		// those of one level intersect
		{"=red !append;!remove|+green", "red"},
		{"=red !append;!append,remove|+green -red", "red,green"},
		// and nobody below loosens them
		{"=red !append|=green !all", "red"},
		{"=red !append|!all|=green", "red"},
		{"=red !append|!none|+green", "red"},
		{"=red|=blue !none|=green", "blue"},
	} {
		var levels [][]string
		for level := range strings.SplitSeq(c.levels, "|") {
			var list []string
			for document := range strings.SplitSeq(level, ";") {
				list = append(list, setTag("tag_value", short(document)))
			}
			levels = append(levels, list)
		}
		got := merged(t, "TAG_POLICY", levels).at("tags", "key", "tag_value").values
		if text := strings.Join(got, ","); text != c.want {
			t.Errorf("%s: got %q, want %q", c.levels, text, c.want)
		}
	}
}

// short writes out the operators of TestOperators.
func short(operators string) string {
	names := map[byte]string{'=': "@@assign", '+': "@@append", '-': "@@remove", '!': childOperators}
	var list []string
	for operator := range strings.FieldsSeq(operators) {
		values := strings.Split(operator[1:], ",")
		if operator[0] == '!' {
			for i := range values {
				values[i] = "@@" + values[i]
			}
		}
		text, _ := json.Marshal(values)
		list = append(list, fmt.Sprintf("%q:%s", names[operator[0]], text))
	}
	return strings.Join(list, ",")
}

func TestEffectiveContent(t *testing.T) {
	const locked = `"@@operators_allowed_for_child_policies":["@@none"]`
	for _, c := range []struct {
		kind   PolicyType
		levels [][]string
		want   string
	}{
		{"TAG_POLICY", nil, `{}`},
		{"TAG_POLICY", [][]string{{`{"tags":{}}`}}, `{}`},
		{"TAG_POLICY", [][]string{{`{"TAGS":{"Empty":{}}}`}}, `{"tags":{"empty":{"tag_key":"empty","tag_value":["*"]}}}`},
		{"TAG_POLICY", [][]string{{setTag("tag_value", `"@@assign":[12,true,null]`)}, {setTag("tag_value", `"@@append":["12",13]`)}}, `{"tags":{"key":{"tag_value":["12","true","null","13"],"tag_key":"key"}}}`},
		{"TAG_POLICY", [][]string{{setTag("tag_value", `"@@assign":["<a>&\u2028"]`)}}, `{"tags":{"key":{"tag_value":["<a>&\u2028"],"tag_key":"key"}}}`},
		{"TAG_POLICY", [][]string{{setTag("enforced_for", `"@@assign":["sqs:queue"]`)}, {setTag("enforced_for", `"@@remove":["sqs:queue"]`)}}, `{"tags":{"key":{"tag_key":"key","tag_value":["*"]}}}`},
		// keys under one that is locked can be changed, but none come to them
		{"TAG_POLICY", [][]string{{`{"tags":{"key":{` + locked + `,"tag_value":{"@@assign":["red"]}}}}`}, {setTag("tag_value", `"@@assign":["blue"]`)}}, `{"tags":{"key":{"tag_value":["blue"],"tag_key":"key"}}}`},
		{"TAG_POLICY", [][]string{{`{"tags":{"key":{` + locked + `,"tag_value":{"@@assign":["red"]}}}}`}, {setTag("enforced_for", `"@@assign":["sqs:queue"]`)}}, `{"tags":{"key":{"tag_value":["red"],"tag_key":"key"}}}`},
		{"TAG_POLICY", [][]string{{`{` + locked + `,"tags":{}}`}, {`{"tags":{"key":{}}}`}}, `{"tags":{"key":{"tag_key":"key","tag_value":["*"]}}}`},
		{"TAG_POLICY", [][]string{{`{"tags":{"@@operators_allowed_for_child_policies":["@@remove"]}}`}, {`{"tags":{"key":{}}}`}}, `{}`},
		{"BACKUP_POLICY", [][]string{{`{"plans":{"daily":{}}}`}}, `{}`},
		{"BACKUP_POLICY", [][]string{{inRule(`"Schedule_Expression":{"@@assign":"cron(0 5 ? * * *)"},"lifecycle":{}`)}}, `{"plans":{"p":{"rules":{"daily":{"schedule_expression":"cron(0 5 ? * * *)"}}}}}`},
		{"CHATBOT_POLICY", [][]string{
			{`{"ChatBot":{"Platforms":{"Slack":{"Overrides":{"T0E":{"Supported_Channel_Types":{"@@Assign":["private"]},"Supported_Role_Settings":{"@@Assign":["user_role"]}}}}}},"@@assign":null}`},
			{`{"chatbot":{"platforms":{"slack":{"overrides":{"T0E":{"supported_role_settings":{"@@append":["channel_role"]}}}}}}}`},
		}, `{"chatbot":{"platforms":{"slack":{"overrides":{"t0e":{"supported_channel_types":["private"],"supported_role_settings":["user_role","channel_role"]}}}}}}`},
		{"CHATBOT_POLICY", [][]string{{`{"chatbot":{"platforms":{"slack":{"overrides":{"T0E":{}}}}}}`}}, `{}`},
		{"DECLARATIVE_POLICY_EC2", [][]string{{`{"ec2_attributes":{"instance_metadata_defaults":{"http_put_response_hop_limit":{"@@assign":2}}}}`}}, `{"ec2_attributes":{"instance_metadata_defaults":{"http_put_response_hop_limit":"2"}}}`},
	} {
		if got := string(merged(t, c.kind, c.levels).format(nil)); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.levels, got, c.want)
		}
	}
}

// FuzzManagement reads and merges what comes: nothing panics, the same policies
// come to the same, and what they come to has no operators.
func FuzzManagement(f *testing.F) {
	kinds := []PolicyType{"TAG_POLICY", "BACKUP_POLICY", "AISERVICES_OPT_OUT_POLICY", "CHATBOT_POLICY", "SECURITYHUB_POLICY"}
	f.Add(uint8(0), setTag("tag_value", short("=red !append")), setTag("tag_value", short("+blue -red")))
	f.Add(uint8(1), inRule(`"target_backup_vault_name":{"@@assign":"V"}`), inPlan(`"regions":{"@@append":["us-east-1"]}`))
	f.Add(uint8(2), setAI("lex", `"@@assign":"optIn"`), setAI("default", `"@@assign":"optOut","@@operators_allowed_for_child_policies":["@@none"]`))
	f.Add(uint8(3), `{"chatbot":{"platforms":{"slack":{"client":{"@@assign":"enabled"}}}}}`, `{"ChatBot":{}}`)
	f.Fuzz(func(t *testing.T, which uint8, first, second string) {
		kind := kinds[int(which)%len(kinds)]
		var levels [][]written
		for i, text := range []string{first, second, first} {
			n, err := parseManagement(kind, text)
			if err != nil {
				return
			}
			levels = append(levels, []written{{fmt.Sprint(i), n}})
		}
		one := mergeManagement(kind, levels)
		got := string(one.format(nil))
		if again := string(mergeManagement(kind, levels).format(nil)); again != got {
			t.Fatalf("%s and %s", got, again)
		}
		validate(kind, one)
		var back map[string]any
		if err := json.Unmarshal([]byte(got), &back); err != nil {
			t.Fatalf("%s: %v", got, err)
		}
		if key := operatorIn(back); key != "" {
			t.Fatalf("%s: operator %s", got, key)
		}
	})
}

func operatorIn(of map[string]any) string {
	for key, v := range of {
		if _, ok := operatorNames[strings.ToLower(key)]; ok || strings.EqualFold(key, childOperators) {
			return key
		}
		if sub, ok := v.(map[string]any); ok {
			if found := operatorIn(sub); found != "" {
				return found
			}
		}
	}
	return ""
}

// BenchmarkEffective is what every account of an organization comes to, of policies
// of the greatest size on seven levels.
func BenchmarkEffective(b *testing.B) {
	var level []written
	for i := range 10 {
		var text strings.Builder
		for j := range 90 {
			fmt.Fprintf(&text, `,"key%d":{"tag_value":{"@@append":["v%d","v%d","w%d"]}}`, j, i, i+1, j)
		}
		n, err := parseManagement("TAG_POLICY", `{"tags":{`+text.String()[1:]+`}}`)
		if err != nil {
			b.Fatal(err)
		}
		level = append(level, written{fmt.Sprint(i), n})
	}
	levels := [][]written{level, level, level, level, level, level, level}
	for b.Loop() {
		mergeManagement("TAG_POLICY", levels).format(nil)
	}
}
