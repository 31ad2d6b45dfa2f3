import { paginateListRoles, paginateListUsers } from "@aws-sdk/client-iam";
import Autosuggest, { type AutosuggestProps } from "@cloudscape-design/components/autosuggest";
import FormField from "@cloudscape-design/components/form-field";
import { iam } from "../aws";
import { describe } from "../shared/errors";
import { collect, useLoad } from "../shared/load";

interface Props {
  value: string; // ARN
  onChange: (arn: string) => void;
  errorText?: string;
}

/** Chooses the role or user that signs, or takes its ARN. */
export function SignerField({ value, onChange, errorText }: Props) {
  const found = useLoad(signers, []);
  return (
    <FormField
      label="IAM role or user"
      description="Signs the application's calls; a role does so by its sessions. If you delete it and create it again, register the application again too."
      errorText={errorText}
    >
      <Autosuggest
        value={value}
        options={found.data ?? []}
        placeholder="Choose a role or user, or enter an ARN"
        enteredTextLabel={(v) => `Use: ${v}`}
        clearAriaLabel="Clear"
        empty="The account has no roles and no users"
        virtualScroll
        statusType={found.error !== undefined ? "error" : found.data ? "finished" : "loading"}
        loadingText="Loading roles and users"
        errorText={found.error !== undefined ? describe(found.error).message : undefined}
        recoveryText="Retry"
        onLoadItems={() => found.error !== undefined && found.reload()}
        onChange={(e) => onChange(e.detail.value)}
      />
    </FormField>
  );
}

/** The account's roles and users, without the roles that services made for
 * themselves. Who may list one kind only gets that. */
async function signers(): Promise<AutosuggestProps.Option[]> {
  const config = { client: iam(), pageSize: 1000 };
  const [roles, users] = await Promise.allSettled([collect(paginateListRoles(config, {}), (p) => p.Roles), collect(paginateListUsers(config, {}), (p) => p.Users)]);
  if (roles.status === "rejected" && users.status === "rejected") throw roles.reason;
  const options = (all: { Arn?: string; Path?: string; name?: string }[]) =>
    all.filter((e) => !e.Path?.startsWith("/aws-service-role/")).map((e) => ({ value: e.Arn!, label: e.name })).sort((a, b) => a.label!.localeCompare(b.label!));
  const groups = [
    { label: "Roles", options: roles.status === "fulfilled" ? options(roles.value.map((r) => ({ ...r, name: r.RoleName }))) : [] },
    { label: "Users", options: users.status === "fulfilled" ? options(users.value.map((u) => ({ ...u, name: u.UserName }))) : [] },
  ];
  return groups.filter((g) => g.options.length > 0);
}
