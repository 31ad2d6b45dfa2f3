// The types of policy, in the words that lists have for them.
export type PolicyTypeName = "AWS managed" | "AWS managed - job function" | "Customer managed" | "Customer inline";

/** The type of a managed policy, which its ARN tells. */
export function typeOf(arn: string): PolicyTypeName {
  const [, , , , account, name = ""] = arn.split(":");
  if (account !== "aws") return "Customer managed";
  return name.startsWith("policy/job-function/") ? "AWS managed - job function" : "AWS managed";
}

/** Tells whether AWS made the policy, and nobody else can change it. */
export function isAwsManaged(arn: string): boolean {
  return typeOf(arn) !== "Customer managed";
}
