import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { follow, link } from "./shared/link";
import { Page } from "./shared/page";

export function NotFound() {
  return (
    <Page title="There is no such page">
      <Box>
        The address may have a mistake. <Link {...link("/")} onFollow={follow}>Go to the IAM dashboard</Link>
      </Box>
    </Page>
  );
}
