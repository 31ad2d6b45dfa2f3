import AppLayout from "@cloudscape-design/components/app-layout";
import Box from "@cloudscape-design/components/box";
import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import Spinner from "@cloudscape-design/components/spinner";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { Route, Router, Switch } from "wouter";
import { Navigation } from "./navigation";
import { NotFound } from "./not-found";
import { routes } from "./routes";
import { useSession } from "./session";
import { Boundary } from "./shared/errors";
import { usePath, useQuery } from "./shared/location";
import { dismissOld, Notifications } from "./shared/notify";
import { SignIn } from "./signin/sign-in";
import { Top } from "./top";

const pages = routes.map((r) => ({ path: r.path, Page: lazy(r.load) }));

export function App() {
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <Router hook={usePath} searchHook={useQuery}>
        <Whole />
      </Router>
    </I18nProvider>
  );
}

function Whole() {
  const session = useSession();
  const [path] = usePath();
  const adding = path === "/signin" || path === "/signup";
  if (!session || adding) return <SignIn />;
  return (
    <>
      <div id="top">
        <Top />
      </div>
      <Pages key={session.id} path={path} />
    </>
  );
}

function Pages({ path }: { path: string }) {
  const [open, setOpen] = useState(() => window.innerWidth > 912);
  useEffect(() => {
    window.scrollTo(0, 0);
    dismissOld();
  }, [path]);
  const content = useMemo(
    () => (
      <Switch>
        {pages.map(({ path, Page }) => (
          <Route key={path} path={path} component={Page} />
        ))}
        <Route component={NotFound} />
      </Switch>
    ),
    [],
  );
  return (
    <AppLayout
      headerSelector="#top"
      navigation={<Navigation path={path} />}
      navigationOpen={open}
      onNavigationChange={(e) => setOpen(e.detail.open)}
      toolsHide
      notifications={<Notifications />}
      stickyNotifications
      contentType={path.endsWith("/create") ? "wizard" : "default"}
      ariaLabels={{ navigation: "Navigation", navigationClose: "Close navigation", navigationToggle: "Open navigation", notifications: "Notifications" }}
      content={
        <Boundary at={path}>
          <Suspense fallback={<Box textAlign="center" padding="xxl"><Spinner size="large" /></Box>}>{content}</Suspense>
        </Boundary>
      }
    />
  );
}
