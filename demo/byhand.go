package main

import "strings"

// byHand tells how to go on from another terminal.
func (d *demo) byHand() {
	d.title("Go on by hand, in another terminal")
	lines := []string{
		"export AWS_SHARED_CREDENTIALS_FILE=" + d.file("aws-credentials") + " AWS_CONFIG_FILE=" + d.file("aws-config"),
		"awsd() { aws --endpoint-url " + d.iamd.url + " --profile sp-api \"$@\"; }",
		"",
		"awsd sts get-caller-identity",
		"awsd iam list-attached-user-policies --user-name " + user,
		"awsd iam simulate-principal-policy --policy-source-arn " + d.roleARN + " \\",
		"    --action-names execute-api:Invoke --resource-arns " + d.resource(),
		"",
		"read -r ID SECRET TOKEN < <(awsd sts assume-role --role-arn " + d.roleARN + " \\",
		"    --role-session-name me --output text \\",
		"    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]')",
		"curl -sS --aws-sigv4 aws:amz:" + region + ":execute-api --user \"$ID:$SECRET\" \\",
		"    -H \"X-Amz-Security-Token: $TOKEN\" " + d.iamd.gateway + orders,
	}
	if d.standIn {
		lines = append(lines, d.sellByHand()...)
	}
	for _, l := range lines {
		d.line("%s", strings.TrimRight("   "+l, " "))
	}
	d.line("")
	d.labelled("profiles", "sp-api is the user. sp-api-role is the role, for a CLI that reads endpoint_url (1.29, 2.13)")
	d.labelled("root key", "%s", d.file("data/root-credentials.csv"))
	d.labelled("files", "%s", d.dir)
}
