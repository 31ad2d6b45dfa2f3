import type { Route } from "../routes";

export const organizationRoutes: Route[] = [
  { path: "/organizations", load: () => import("./page") },
  { path: "/organizations/add-account", load: () => import("./add-account") },
  { path: "/organizations/invitations", load: () => import("./invitations") },
  { path: "/organizations/settings", load: () => import("./settings") },
  { path: "/organizations/targets/:id", load: () => import("./target") },
  { path: "/organizations/policies", load: () => import("./policies") },
  { path: "/organizations/policies/:type", load: () => import("./policy-list") },
  { path: "/organizations/policies/:type/create", load: () => import("./policy-edit") },
  { path: "/organizations/policy/:id", load: () => import("./policy") },
  { path: "/organizations/policy/:id/edit", load: () => import("./policy-edit") },
];
