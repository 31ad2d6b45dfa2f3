// What is around every page of who is signed in: the top, the navigation, messages.
import AppLayout from "@cloudscape-design/components/app-layout";
import Box from "@cloudscape-design/components/box";
import Spinner from "@cloudscape-design/components/spinner";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { Route, Switch } from "wouter";
import { Navigation } from "./navigation";
import { NotFound } from "./not-found";
import { routes } from "./routes";
import { Boundary } from "./shared/errors";
import { dismissOld, Notifications } from "./shared/notify";
import { wasTurned } from "./shared/section";
import { Top } from "./top";

const pages = routes.map((r) => ({ path: r.path, Page: lazy(r.load) }));

export default function Frame({ session, path }: { session: string; path: string }) {
  return (
    <>
      <div id="top">
        <Top />
      </div>
      <Pages key={session} path={path} />
    </>
  );
}

function Pages({ path }: { path: string }) {
  const [open, setOpen] = useState(() => window.innerWidth > 912);
  useEffect(() => {
    if (wasTurned()) return;
    window.scrollTo(0, 0);
    dismissOld(path);
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
