import type { Route } from "../routes";

export const settingsRoutes: Route[] = [
  { path: "/account-settings", load: () => import("./settings") },
  { path: "/account-settings/password-policy/edit", load: () => import("./edit-password-policy") },
];
