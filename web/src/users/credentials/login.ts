// A user's console password: is there one, and how it is set.
import { AttachUserPolicyCommand, CreateLoginProfileCommand, DeleteLoginProfileCommand, GetLoginProfileCommand, UpdateLoginProfileCommand, type LoginProfile, type PasswordPolicy } from "@aws-sdk/client-iam";
import { iam } from "../../aws";
import { isMissing } from "../../shared/errors";

export const changePasswordPolicy = "arn:aws:iam::aws:policy/IAMUserChangePassword";

/** Null for a user without a password. */
export async function loginOf(UserName: string): Promise<LoginProfile | null> {
  try {
    return (await iam().send(new GetLoginProfileCommand({ UserName }))).LoginProfile ?? null;
  } catch (e) {
    if (isMissing(e)) return null;
    throw e;
  }
}

export interface SetPassword {
  password: string;
  reset: boolean;
  /** There is a password already. */
  again: boolean;
  policy: PasswordPolicy | undefined;
}

/** Sets a password. Who must change it is allowed to. */
export async function setPassword(UserName: string, { password, reset, again, policy }: SetPassword): Promise<void> {
  if (reset && !policy?.AllowUsersToChangePassword) await iam().send(new AttachUserPolicyCommand({ UserName, PolicyArn: changePasswordPolicy }));
  const input = { UserName, Password: password, PasswordResetRequired: reset };
  await (again ? iam().send(new UpdateLoginProfileCommand(input)) : iam().send(new CreateLoginProfileCommand(input)));
}

export async function disableConsole(UserName: string): Promise<void> {
  await iam().send(new DeleteLoginProfileCommand({ UserName }));
}
