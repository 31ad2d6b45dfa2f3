import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Command } from "./command";
import { appCommand, tokenCommand } from "./credentials";

/** What an application does to call the API. */
export function HowToCall({ clientId, signer }: { clientId: string; signer: string }) {
  const { origin } = location;
  return (
    <Container header={<Header>How to call</Header>}>
      <SpaceBetween size="m">
        <div>Exchange the refresh token for an access token, which is good for an hour:</div>
        <Command text={tokenCommand(origin, clientId, "refresh_token")} label="command for an access token" />
        <div>
          Send it with each call as the header <b>x-amz-access-token</b>. Where the API's authorization is <b>AWS_IAM+LWA</b>, the call must be signed
          too, by <span className="break-anywhere">{signer}</span>; where it is <b>LWA</b>, a signature is not needed.
        </div>
        <div>In a terminal, iamd shows the application, and gives another refresh token:</div>
        <Command text={appCommand(origin, "show", clientId)} label="command that shows the application" />
        <Command text={appCommand(origin, "authorize", clientId)} label="command that authorizes the application" />
      </SpaceBetween>
    </Container>
  );
}
