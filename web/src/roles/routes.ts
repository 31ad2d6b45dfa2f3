import type { Route } from "../routes";

export const roleRoutes: Route[] = [
  { path: "/roles", load: () => import("./list") },
  { path: "/roles/create", load: () => import("./create/page") },
  { path: "/identity-providers/:provider/roles/create", load: () => import("./create/page") },
  { path: "/roles/:name/trust-policy/edit", load: () => import("./edit-trust") },
  { path: "/roles/:name/:section?", load: () => import("./page") }, // the section is a tab: /roles/Deploy/trust-relationships
];
