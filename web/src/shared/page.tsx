import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, type ReactNode } from "react";
import { follow, href } from "./link";

interface Props {
  title: string;
  /** The pages above this one: their names and paths. */
  above?: [name: string, path: string][];
  description?: ReactNode;
  actions?: ReactNode;
  counter?: string;
  children: ReactNode;
}

/** A page: where it stands, its name, what one can do, and what it shows. */
export function Page({ title, above = [], description, actions, counter, children }: Props) {
  useEffect(() => {
    document.title = title + " | iamd";
  }, [title]);
  const trail = [...above, [title, ""] as const].map(([text, path]) => ({ text, href: href(path) }));
  return (
    <SpaceBetween size="s">
      {above.length > 0 && <BreadcrumbGroup items={trail} onFollow={follow} ariaLabel="Breadcrumbs" />}
      <ContentLayout
        header={
          <Header variant="h1" description={description} actions={actions} counter={counter}>
            <span className="break-anywhere">{title}</span>
          </Header>
        }
      >
        <SpaceBetween size="l">{children}</SpaceBetween>
      </ContentLayout>
    </SpaceBetween>
  );
}

/** A wizard's page has its own headers, so it gets no second one. */
export function WizardPage({ title, above = [], children }: Pick<Props, "title" | "above" | "children">) {
  useEffect(() => {
    document.title = title + " | iamd";
  }, [title]);
  const trail = [...above, [title, ""] as const].map(([text, path]) => ({ text, href: href(path) }));
  return (
    <SpaceBetween size="s">
      <BreadcrumbGroup items={trail} onFollow={follow} ariaLabel="Breadcrumbs" />
      <h1 className="visually-hidden">{title}</h1>
      {children}
    </SpaceBetween>
  );
}
