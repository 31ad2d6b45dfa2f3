// Makes the role of the wizard. What was made stays noted, so that a second try
// goes on where the first one was refused.
import { AddRoleToInstanceProfileCommand, CreateInstanceProfileCommand, CreateRoleCommand, CreateServiceLinkedRoleCommand } from "@aws-sdk/client-iam";
import { iam } from "../../aws";
import { attachAll } from "../../permissions/attach";
import { forgetAllowed } from "../../shared/allowed";
import { describe } from "../../shared/errors";
import type { Tag } from "../../shared/tags";
import type { UseCase } from "./use-cases";

export interface Plan {
  name: string;
  description: string;
  trust: string;
  policies: string[]; // ARNs
  boundary?: string; // ARN
  tags: Tag[];
  useCase?: UseCase;
  suffix: string; // of a service-linked role
}

export interface Made {
  name?: string;
  arn?: string;
  profile?: "made" | "joined";
}

/** Makes what is not made yet; gives the role's name. */
export async function make(plan: Plan, made: Made): Promise<string> {
  if (plan.useCase?.linked) return makeLinked(plan, made);
  if (!made.arn) {
    const { Role } = await iam().send(
      new CreateRoleCommand({
        RoleName: plan.name,
        Description: plan.description || undefined,
        AssumeRolePolicyDocument: plan.trust,
        PermissionsBoundary: plan.boundary,
        Tags: plan.tags.length > 0 ? plan.tags : undefined,
      }),
    );
    made.name = Role!.RoleName!;
    made.arn = Role!.Arn!;
    forgetAllowed();
  }
  const name = made.name!;
  await attachAll({ kind: "role", name }, plan.policies);
  if (plan.useCase?.profile) await makeProfile(name, made);
  return name;
}

/** Instances take a role by a profile, which the console makes with the role. */
async function makeProfile(name: string, made: Made): Promise<void> {
  if (!made.profile) {
    try {
      await iam().send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
    } catch (e) {
      if (describe(e).code !== "EntityAlreadyExists") throw e;
    }
    made.profile = "made";
  }
  if (made.profile === "made") {
    await iam().send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
    made.profile = "joined";
  }
}

async function makeLinked(plan: Plan, made: Made): Promise<string> {
  const { Role } = await iam().send(
    new CreateServiceLinkedRoleCommand({ AWSServiceName: plan.useCase!.principal, Description: plan.description || undefined, CustomSuffix: plan.suffix || undefined }),
  );
  made.name = Role!.RoleName!;
  made.arn = Role!.Arn!;
  return made.name;
}
