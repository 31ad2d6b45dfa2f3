import Link from "@cloudscape-design/components/link";
import { pageOf } from "../reports/entity";
import { follow, link } from "../shared/link";

/** The ARN of the role or user that signs, with the way to its page. */
export function Signer({ arn, account }: { arn: string; account: string }) {
  const page = pageOf(arn, account);
  const text = <span className="break-anywhere">{arn}</span>;
  return page ? <Link {...link(page)} onFollow={follow}>{text}</Link> : text;
}
