import type { Route } from "../routes";

export const dashboardRoutes: Route[] = [
  { path: "/", load: () => import("./page") },
  { path: "/switch-role", load: () => import("../signin/switch-role") },
];
