import type { Route } from "../routes";

export const groupRoutes: Route[] = [
  { path: "/groups", load: () => import("./list") },
  { path: "/groups/create", load: () => import("./create") },
  { path: "/groups/:name/:section?", load: () => import("./page") }, // the section is a tab: /groups/Admins/permissions
];
