import type { Route } from "../routes";

const attach = () => import("./attach-page");

export const policyRoutes: Route[] = [
  { path: "/policies", load: () => import("./list") },
  { path: "/policies/create", load: () => import("./create") },
  { path: "/policies/:arn/edit", load: () => import("./edit") },
  { path: "/policies/:arn/attach", load: attach },
  { path: "/policies/:arn/set-boundary", load: attach },
  { path: "/policies/:arn", load: () => import("./page") },
];
