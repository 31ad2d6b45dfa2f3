import type { Route } from "../routes";

export const roleRoutes: Route[] = [
  { path: "/roles", load: () => import("./list") },
  { path: "/roles/create", load: () => import("./create/page") },
  { path: "/identity-providers/:provider/roles/create", load: () => import("./create/page") },
  { path: "/roles/:name", load: () => import("./page") },
  { path: "/roles/:name/trust-policy/edit", load: () => import("./edit-trust") },
];
