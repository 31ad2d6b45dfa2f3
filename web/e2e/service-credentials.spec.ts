import {
  CreateUserCommand, ListServiceSpecificCredentialsCommand, ListSigningCertificatesCommand, ListSSHPublicKeysCommand,
  
} from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { generateKeyPairSync } from "node:crypto";
import { accessible, expect, open, signIn, test } from "./fixtures";

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });

// Of the name "example", good until 2120; nobody has the key to it any more.
const certificate = `-----BEGIN CERTIFICATE-----
MIIBEjCBuaADAgECAgEBMAoGCCqGSM49BAMCMBIxEDAOBgNVBAMTB2V4YW1wbGUw
IBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBIxEDAOBgNVBAMTB2V4
YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARWaDxJsdTcDUgXBiX6v5GL
0FQ1e2u7NOk9wIrYHFK/Kctny3SO6PgtzRPju8Bwj7AqbuVKV/Ju+8jQnptSBy62
MAoGCCqGSM49BAMCA0gAMEUCIQDBNtjTFiIfLkJ0OY26WfdXKO+AM2pWOOu2b1G3
LdUjpQIgG8VtaitunpPL7srCwcvVHee0HuRN73XuliNrXN/UyR4=
-----END CERTIFICATE-----`;

test("keys for single services are made, switched off and deleted", async ({ page, server, aws }) => {
  const UserName = "Sam";
  await aws.iam.send(new CreateUserCommand({ UserName }));
  await signIn(page, server);
  await open(page, server, `/users/${UserName}/security-credentials`);
  await press(page, "Upload SSH public key");
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048, publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding: { type: "pkcs8", format: "pem" } });
  const uploading = dialog(page, "Upload SSH public key");
  await uploading.getByLabel("SSH public key").fill("not a key");
  await uploading.getByRole("button", { name: "Upload SSH public key" }).click();
  await expect(uploading.getByText(/UnrecognizedPublicKeyEncoding/)).toBeVisible();
  await accessible(page, "a refused SSH public key");
  await uploading.getByLabel("SSH public key").fill(publicKey);
  await uploading.getByRole("button", { name: "Upload SSH public key" }).click();
  await expect(page.getByText(/SSH public key APKA\w+ uploaded/)).toBeVisible();
  const ssh = (await aws.iam.send(new ListSSHPublicKeysCommand({ UserName }))).SSHPublicKeys![0]!.SSHPublicKeyId!;
  await page.getByRole("radio", { name: `Select ${ssh}` }).check();
  await press(page, "Actions for SSH public keys for AWS CodeCommit");
  await page.getByRole("menuitem", { name: "Deactivate" }).click();
  await expect(page.getByText(`SSH public key ${ssh} deactivated.`)).toBeVisible();
  expect((await aws.iam.send(new ListSSHPublicKeysCommand({ UserName }))).SSHPublicKeys![0]!.Status).toBe("Inactive");

  await press(page, "Upload X.509 certificate");
  await dialog(page, "Upload X.509 certificate").getByLabel("Certificate", { exact: true }).fill(certificate);
  await accessible(page, "the dialog that uploads a certificate");
  await press(page, "Upload certificate");
  await expect(page.getByText(/X.509 certificate \w+ uploaded/)).toBeVisible();
  const thumbprint = (await aws.iam.send(new ListSigningCertificatesCommand({ UserName }))).Certificates![0]!.CertificateId!;
  await page.getByRole("radio", { name: `Select ${thumbprint}` }).check();
  await press(page, "Actions for X.509 signing certificates");
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const asked = dialog(page, "Delete signing certificate?");
  await asked.getByRole("textbox").fill(thumbprint);
  await asked.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText(`signing certificate ${thumbprint} deleted.`)).toBeVisible();
  expect((await aws.iam.send(new ListSigningCertificatesCommand({ UserName }))).Certificates).toEqual([]);

  await page.getByRole("button", { name: "Generate API key" }).click();
  await accessible(page, "the dialog that generates an API key");
  await dialog(page, "Generate long-term API key").getByRole("button", { name: "Generate API key" }).click();
  const made = dialog(page, "API key");
  await made.getByRole("button", { name: "Show API key" }).click();
  await expect(made.getByText(/^ABSK/)).toBeVisible();
  await accessible(page, "a new API key");
  await made.getByRole("button", { name: "Close", exact: true }).last().click();
  await page.getByRole("button", { name: "Generate credentials" }).first().click();
  const [file] = await Promise.all([page.waitForEvent("download"), press(page, "Download .csv file")]);
  expect(file.suggestedFilename()).toBe("Sam_codecommit_credentials.csv");
  const all = (await aws.iam.send(new ListServiceSpecificCredentialsCommand({ UserName }))).ServiceSpecificCredentials!;
  expect(all.map((c) => c.ServiceName).sort()).toEqual(["bedrock.amazonaws.com", "codecommit.amazonaws.com"]);
  await dialog(page, "Generate credentials").getByRole("button", { name: "Close", exact: true }).last().click();
  await expect(page.getByText("Sam-at-" + server.account).first()).toBeVisible();
  await accessible(page, "the Security credentials tab");
});
