import type { Route } from "../routes";

export const reportRoutes: Route[] = [
  { path: "/credential-report", load: () => import("./credential-report") },
  { path: "/last-accessed", load: () => import("./last-accessed") },
  { path: "/simulator", load: () => import("./simulator/page") },
  { path: "/denied/:requestId?", load: () => import("./denied/page") },
];
