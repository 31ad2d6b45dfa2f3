// Package workload gives programs a role's keys as AWS gives them to what runs
// there: a door for containers (what SDKs ask by AWS_CONTAINER_CREDENTIALS_FULL_URI,
// with a token), and one for an instance (the instance metadata service, version
// 2 alone).
//
// It answers with keys that AWS's own rules let their service have: the role's
// trust policy must let ecs-tasks.amazonaws.com or ec2.amazonaws.com assume it, and
// the guard is asked that on every call, whether new keys are due or not. It keeps
// one set of keys a workload, and nothing of a stranger: metadata tokens are sealed
// by a key of the process's own, guesses at a container's token are counted in a
// bounded table. It never answers without a token, never redirects, and answers
// under no name that a browser could be tricked into.
//
// One value's way: token → the configured task or instance profile → its role as
// the account has it now → guard.Authorize (sts:AssumeRole by the service) → the
// keys at hand, or new ones of sts → JSON; what was issued, and a refusal when it
// begins, goes to audit as the service's own call.
//
// It may import guard, iam, sts, audit, limits and wire, and is imported by server
// alone, which listens.
//
// Pages: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html ,
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html ,
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html and
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
package workload
