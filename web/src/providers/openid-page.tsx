import { GetOpenIDConnectProviderCommand, TagOpenIDConnectProviderCommand, UntagOpenIDConnectProviderCommand, paginateListOpenIDConnectProviderTags } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { collect, useLoad } from "../shared/load";
import { TagsTab } from "../shared/tags";
import { Audiences } from "./audiences";
import { Frame } from "./frame";
import { Thumbprints } from "./thumbprints";

/** The page of an OpenID Connect provider. */
export function OpenIDPage({ arn }: { arn: string }) {
  const OpenIDConnectProviderArn = arn;
  const provider = useLoad(() => iam().send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })), [arn]);
  return (
    <Frame
      arn={arn}
      kind="oidc"
      provider={provider}
      tabs={[
        { id: "audiences", label: "Audiences", content: <Audiences arn={arn} audiences={provider.data?.ClientIDList ?? []} reload={provider.reload} /> },
        { id: "thumbprints", label: "Endpoint verification", content: <Thumbprints arn={arn} thumbprints={provider.data?.ThumbprintList ?? []} reload={provider.reload} /> },
        {
          id: "tags",
          label: "Tags",
          content: (
            <TagsTab
              tagAction="iam:TagOpenIDConnectProvider"
              untagAction="iam:UntagOpenIDConnectProvider"
              resource={arn}
              load={async () =>
                (await collect(paginateListOpenIDConnectProviderTags({ client: iam() }, { OpenIDConnectProviderArn }), (p) => p.Tags)).map((t) => ({ Key: t.Key!, Value: t.Value! }))
              }
              tag={(Tags) => iam().send(new TagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, Tags }))}
              untag={(TagKeys) => iam().send(new UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, TagKeys }))}
            />
          ),
        },
      ]}
    />
  );
}
