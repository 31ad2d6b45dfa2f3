import type { Route } from "../routes";

const inline = () => import("./inline-page");

// :kind is users, groups or roles.
export const permissionRoutes: Route[] = [
  { path: "/:kind/:name/add-permissions", load: () => import("./add-page") },
  { path: "/:kind/:name/permissions-boundary", load: () => import("./boundary-page") },
  { path: "/:kind/:name/inline-policies/create", load: inline },
  { path: "/:kind/:name/inline-policies/:policy/edit", load: inline },
];
