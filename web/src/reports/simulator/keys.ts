// The condition keys that a simulation's policies ask for.
import { GetContextKeysForCustomPolicyCommand, GetContextKeysForPrincipalPolicyCommand, GetRoleCommand, type ContextKeyTypeEnum } from "@aws-sdk/client-iam";
import { useEffect, useState } from "react";
import { iam } from "../../aws";
import { useGlobalConditions, useServiceDetails } from "../../policy/reference";
import { isUnreadable, readDocument } from "../../policy/document";
import { useLoad, type Loaded } from "../../shared/load";
import { typeOfKey } from "./context";

/** Keys of a principal's policies, where one is given, and of documents. */
export async function askedKeys(principal: string | undefined, documents: string[]): Promise<string[]> {
  const PolicyInputList = documents.filter((d) => d.trim() !== "" && !isUnreadable(readDocument(d)));
  if (principal) {
    const out = await iam().send(new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn: principal, PolicyInputList: PolicyInputList.length > 0 ? PolicyInputList : undefined }));
    return out.ContextKeyNames ?? [];
  }
  if (PolicyInputList.length === 0) return [];
  return (await iam().send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList }))).ContextKeyNames ?? [];
}

/** A value once it has been the same for a while: what one types is not asked about letter by letter. */
export function useSettled<T>(value: T, after = 500): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), after);
    return () => clearTimeout(timer);
  }, [value, after]);
  return settled;
}

/** The keys that are asked for, while principal and documents change. */
export function useAskedKeys(principal: string | undefined, documents: string[]): Loaded<string[]> {
  const settled = useSettled(JSON.stringify(documents));
  return useLoad(() => askedKeys(principal, JSON.parse(settled) as string[]), [principal, settled]);
}

export interface KeyTypes {
  of: (key: string) => ContextKeyTypeEnum;
  /** What AWS tells of the keys is there. */
  ready: boolean;
}

/** Of which type each key is, as far as AWS tells. */
export function useKeyTypes(keys: string[]): KeyTypes {
  const global = useGlobalConditions();
  const services = useServiceDetails(keys.map((k) => k.split(":")[0]!.toLowerCase()).filter((p) => p !== "aws"));
  const known = [...(global.data ?? []), ...[...(services.data?.values() ?? [])].flatMap((s) => s.conditionKeys)];
  return { of: (key) => typeOfKey(key, known), ready: !global.loading && !services.loading };
}

/** The ARN whose policies are meant: of a role's session, the role. */
export async function simulatedPrincipal(arn: string): Promise<string> {
  const role = /^arn:[^:]*:sts::\d*:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  return role ? (await iam().send(new GetRoleCommand({ RoleName: role }))).Role!.Arn! : arn;
}
