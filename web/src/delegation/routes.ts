import type { Route } from "../routes";

export const delegationRoutes: Route[] = [
  { path: "/delegation-requests", load: () => import("./list") },
  // ConsoleDeepLink of CreateDelegationRequest leads here.
  { path: "/iam/delegation-requests/:id", load: () => import("./request") },
];
