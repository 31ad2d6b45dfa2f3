import { Page } from "../shared/page";
import { AccountDetails } from "./account-details";
import { OutboundFederation } from "./outbound-federation";
import { PasswordPolicySection } from "./password-policy-section";
import { RootAccess } from "./root-access";
import { ServerCertificates } from "./server-certificates";
import { TokenVersion } from "./token-version";

/** "Account settings". */
export default function AccountSettings() {
  return (
    <Page title="Account settings" description="What holds for the whole account, for all its users and roles.">
      <AccountDetails />
      <PasswordPolicySection />
      <TokenVersion />
      <OutboundFederation />
      <RootAccess />
      <ServerCertificates />
    </Page>
  );
}
