import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense, useEffect, useState } from "react";
import { ask } from "../aws";
import { useAsking, useEnded, useSession } from "../session";
import { describe } from "../shared/errors";
import { follow, go, link } from "../shared/link";
import { usePath } from "../shared/location";
import { useLoad } from "../shared/load";
import { begin, type About, type Answer, type WantsMfa, type WantsPassword } from "./answers";
import { MfaStep } from "./mfa-step";
import { PasswordStep } from "./password-step";
import "./sign-in.css";
import { rememberAccount, WhoStep, type Who } from "./who-step";

const SignUp = lazy(() => import("./sign-up"));

/** What is sent: all that is known so far, with each step. */
export type Request = Who & { code?: string; serial?: string; passkey?: unknown; newPassword?: string };

/** The page of who is not signed in, or who adds a session. */
export function SignIn({ onInput }: { onInput: () => void }) {
  const session = useSession();
  const ended = useEnded();
  const asking = useAsking();
  const [path] = usePath();
  const about = useLoad(() => ask<About>("about"), []);
  const signingUp = path === "/signup" && about.data?.signUp;
  useEffect(() => {
    document.title = (signingUp ? "Sign up" : "Sign in") + " | iamd";
  }, [signingUp]);
  return (
    <main className="sign-in" onInput={onInput}>
      <SpaceBetween size="l">
        <Box variant="h1" textAlign="center">iamd</Box>
        {ended && !session && !asking && <Alert type="info">{ended.why}</Alert>}
        {asking ? null : signingUp ? (
          <Suspense>
            <SignUp />
          </Suspense>
        ) : (
          <Steps />
        )}
        <Box textAlign="center">
          <SpaceBetween size="xs">
            {about.data?.signUp && !signingUp && <Button onClick={() => go("/signup")}>Create a new account</Button>}
            {signingUp && <Link {...link("/signin")} onFollow={follow}>Sign in to an existing account</Link>}
            {session && <Link {...link("/")} onFollow={follow}>Back to the console</Link>}
            <Box color="text-body-secondary" fontSize="body-s">
              iamd {about.data?.version ?? ""} · Not affiliated with Amazon Web Services
            </Box>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </main>
  );
}

function Steps() {
  const [request, setRequest] = useState<Request>();
  const [wants, setWants] = useState<WantsMfa | WantsPassword>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [path] = usePath();

  const send = async (next: Request) => {
    setBusy(true);
    setError(undefined);
    try {
      const answer = await ask<Answer>("signin", next);
      if (answer.next === undefined) {
        const ends = answer.passwordExpiresInDays;
        if (path === "/signin" || path === "/signup") go("/"); // else to the page that was asked for
        if (next.type === "user") rememberAccount(next.account);
        begin(answer);
        if (ends !== undefined && ends <= 15) {
          const { notify } = await import("../shared/notify");
          setTimeout(() => notify("warning", `Your password expires in ${ends} ${ends === 1 ? "day" : "days"}. Change it in My security credentials.`), 500);
        }
        return;
      }
      setRequest(next);
      setWants(answer);
      setError(answer.error);
    } catch (e) {
      setError(describe(e).message);
    } finally {
      setBusy(false);
    }
  };
  const back = () => {
    setWants(undefined);
    setRequest(undefined);
    setError(undefined);
  };
  if (wants?.next === "mfa" && request) return <MfaStep wants={wants} error={error} busy={busy} onCancel={back} onSend={(proof) => send({ ...request, code: undefined, serial: undefined, passkey: undefined, ...proof })} />;
  if (wants?.next === "password" && request) {
    return <PasswordStep wants={wants} error={error} busy={busy} onCancel={back} onSend={(newPassword) => send({ ...request, newPassword })} />;
  }
  return <WhoStep error={error} busy={busy} onSend={send} />;
}
