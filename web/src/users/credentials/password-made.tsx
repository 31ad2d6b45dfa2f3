import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { currentSession } from "../../session";
import { Copy } from "../../shared/copy";
import { csv, download } from "../../shared/download";
import { Secret } from "../../shared/secret";
import { signInURL } from "../../shared/sign-in-url";

export function downloadPassword(userName: string, password: string): void {
  download(`${userName}_credentials.csv`, csv(["User name", "Password", "Console sign-in URL"], [userName, password, signInURL(currentSession()!.account)]), "text/csv");
}

/** What a new user needs to sign in; the password is seen here and never again. */
export function PasswordMade({ userName, password, account }: { userName: string; password: string; account: string }) {
  return (
    <KeyValuePairs
      items={[
        { label: "Console sign-in URL", value: <Copy text={signInURL(currentSession()!.account)} label="Console sign-in URL" /> },
        { label: "Account ID", value: <Copy text={account} label="Account ID" /> },
        { label: "User name", value: <Copy text={userName} label="User name" /> },
        { label: "Console password", value: <Secret text={password} label="Console password" /> },
      ]}
    />
  );
}

export function DownloadPassword({ userName, password, onKept }: { userName: string; password: string; onKept?: () => void }) {
  return (
    <Button
      iconName="download"
      formAction="none"
      onClick={() => {
        downloadPassword(userName, password);
        onKept?.();
      }}
    >
      Download .csv file
    </Button>
  );
}
