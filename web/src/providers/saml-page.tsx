import { GetSAMLProviderCommand, paginateListSAMLProviderTags, TagSAMLProviderCommand, UntagSAMLProviderCommand } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { collect, useLoad } from "../shared/load";
import { TagsTab } from "../shared/tags";
import { showTime } from "../shared/time";
import { Encryption } from "./encryption";
import { Frame } from "./frame";
import { Metadata } from "./metadata";

/** The page of a SAML provider. */
export function SamlPage({ arn }: { arn: string }) {
  const SAMLProviderArn = arn;
  const provider = useLoad(() => iam().send(new GetSAMLProviderCommand({ SAMLProviderArn })), [arn]);
  const p = provider.data;
  return (
    <Frame
      arn={arn}
      kind="saml"
      provider={provider}
      facts={[
        { label: "Valid until", value: showTime(p?.ValidUntil) },
        { label: "Assertion encryption", value: p?.AssertionEncryptionMode ?? "-" },
      ]}
      tabs={[
        { id: "metadata", label: "Metadata", content: <Metadata arn={arn} document={p?.SAMLMetadataDocument ?? ""} reload={provider.reload} /> },
        { id: "encryption", label: "SAML encryption", content: <Encryption arn={arn} mode={p?.AssertionEncryptionMode} keys={p?.PrivateKeyList ?? []} reload={provider.reload} /> },
        {
          id: "tags",
          label: "Tags",
          content: (
            <TagsTab
              tagAction="iam:TagSAMLProvider"
              untagAction="iam:UntagSAMLProvider"
              resource={arn}
              load={async () => (await collect(paginateListSAMLProviderTags({ client: iam() }, { SAMLProviderArn }), (page) => page.Tags)).map((t) => ({ Key: t.Key!, Value: t.Value! }))}
              tag={(Tags) => iam().send(new TagSAMLProviderCommand({ SAMLProviderArn, Tags }))}
              untag={(TagKeys) => iam().send(new UntagSAMLProviderCommand({ SAMLProviderArn, TagKeys }))}
            />
          ),
        },
      ]}
    />
  );
}
