import type { Route } from "../routes";

export const providerRoutes: Route[] = [
  { path: "/identity-providers", load: () => import("./list") },
  { path: "/identity-providers/create", load: () => import("./create") },
  { path: "/identity-providers/:provider", load: () => import("./page") },
];
