import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { lazy, Suspense } from "react";
import { Router } from "wouter";
import { useSession } from "./session";
import { Boundary } from "./shared/errors";
import { usePath, useQuery } from "./shared/location";
import { SignIn } from "./signin/sign-in";

// Who signs in waits for the page of that alone; the rest comes while one types.
const loadFrame = () => import("./frame");
const Frame = lazy(loadFrame);

export function App() {
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <Router hook={usePath} searchHook={useQuery}>
        <Boundary at="">
          <Suspense>
            <Whole />
          </Suspense>
        </Boundary>
      </Router>
    </I18nProvider>
  );
}

function Whole() {
  const session = useSession();
  const [path] = usePath();
  const adding = path === "/signin" || path === "/signup";
  if (!session || adding) return <SignIn onInput={() => void loadFrame().catch(() => {})} />;
  return <Frame session={session.id} path={path} />;
}
