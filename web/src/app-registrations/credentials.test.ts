import { expect, it } from "vitest";
import { appCommand, credentialsFile, tokenCommand } from "./credentials";

const made = {
  client_id: "amzn1.application-oa2-client.0a", client_secret: "amzn1.oa2-cs.v1.0b", refresh_token: "Atzr|x", selling_partner_id: "A2EXAMPLE12345",
  application_id: "amzn1.sp.solution.0c", iam_arn: "arn:aws:iam::111122223333:role/a,b", name: "Orders", created: "2026-11-23T10:00:00Z",
};

it("keeps all of a registration in a file named after it", () => {
  expect(credentialsFile(made)).toEqual({
    name: "Orders_credentials.csv",
    text:
      "Client ID,Client secret,Refresh token,Selling partner ID,Application ID,IAM ARN\r\n" +
      'amzn1.application-oa2-client.0a,amzn1.oa2-cs.v1.0b,Atzr|x,A2EXAMPLE12345,amzn1.sp.solution.0c,"arn:aws:iam::111122223333:role/a,b"\r\n',
  });
});

it("names no file that is hidden or elsewhere", () => {
  for (const [name, file] of [["../../etc/x", "etc_x"], ["Bücher & Noten", "Bücher_Noten"], ["<b>", "b_"], ["***", "application"], ["a\\b:c", "a_b_c"]] as const) {
    expect(credentialsFile({ ...made, name }).name).toBe(file + "_credentials.csv");
  }
});

it("tells a command with no secret in it", () => {
  expect(tokenCommand("http://localhost:4566", "CLIENT", "refresh_token")).toBe(
    'curl http://localhost:4566/auth/o2/token \\\n  -d grant_type=refresh_token \\\n  -d client_id=CLIENT \\\n  --data-urlencode "client_secret=$CLIENT_SECRET" \\\n  --data-urlencode "refresh_token=$REFRESH_TOKEN"',
  );
  expect(tokenCommand("http://localhost:4566", "CLIENT", "authorization_code")).toContain('--data-urlencode "code=$SPAPI_OAUTH_CODE"');
  expect(appCommand("http://localhost:4566", "authorize", "CLIENT")).toBe("iamd app authorize CLIENT \\\n  --endpoint http://localhost:4566");
});
